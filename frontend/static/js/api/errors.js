/**
 * A refused or failed request, read from `application/problem+json` where the server sent one.
 */
export class ApiError extends Error {
  /**
   * @param {object} problem
   * @param {number} problem.status HTTP status; 0 when no answer came
   * @param {string} [problem.type] last part of the problem's type URI
   * @param {string} [problem.title]
   * @param {string} [problem.detail]
   * @param {{pointer: string, detail: string}[]} [problem.errors]
   * @param {number|null} [problem.retryAfterS]
   * @param {string} [problem.requestId]
   */
  constructor({ status, type = "", title = "", detail = "", errors = [], retryAfterS = null, requestId = "" }) {
    super(detail || title || `The server answered ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.type = type;
    this.detail = this.message;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
    this.requestId = requestId;
  }

  /** Whether no answer came at all: server down, network lost, timed out. */
  get isUnreachable() {
    return this.status === 0;
  }

  /** Whether the account may not do this. */
  get isForbidden() {
    return this.status === 403;
  }

  /**
   * Message for a form field, matched by the end of the error's pointer.
   *
   * @param {string} field
   */
  forField(field) {
    return this.errors.find(({ pointer }) => pointer.split(/[/.]/).at(-1) === field)?.detail ?? "";
  }

  /**
   * First message about a value or anything inside it.
   *
   * @param {string} root first part of the pointer
   */
  under(root) {
    return this.errors.find(({ pointer }) => pointer.split("/").filter(Boolean)[0] === root)?.detail ?? "";
  }
}

/**
 * @param {number} status
 * @param {unknown} body parsed JSON, or null
 * @param {string|null} retryAfter value of the Retry-After header
 * @returns {ApiError}
 */
export function problemOf(status, body, retryAfter) {
  const problem = /** @type {Record<string, any>} */ (
    body !== null && typeof body === "object" ? body : {}
  );
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  return new ApiError({
    status,
    type: String(problem.type ?? "").split("/").at(-1),
    title: String(problem.title ?? ""),
    detail: String(problem.detail ?? ""),
    errors: Array.isArray(problem.errors) ? problem.errors : [],
    retryAfterS: Number.isFinite(seconds) ? seconds : null,
    requestId: String(problem.request_id ?? ""),
  });
}
