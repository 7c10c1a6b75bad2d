// Shows the OpenAPI document with Swagger UI; requests carry the CSRF value of the session.

/**
 * @param {string} name
 * @returns {string} value of a readable cookie, empty when it is missing
 */
function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

const root = /** @type {HTMLElement} */ (document.getElementById("swagger-ui"));
const show = /** @type {any} */ (window).SwaggerUIBundle;

show({
  url: root.dataset.document,
  domNode: root,
  deepLinking: true,
  tryItOutEnabled: false,
  // The validator badge would ask another host.
  validatorUrl: null,
  /** @param {{url: string, headers: Record<string, string>}} request */
  requestInterceptor: (request) => {
    const refreshing = request.url.endsWith("/api/auth/refresh");
    request.headers["X-CSRF-TOKEN"] = cookie(
      refreshing ? "csrf_refresh_token" : "csrf_access_token",
    );
    return request;
  },
});
