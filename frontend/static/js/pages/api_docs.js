/**
 * The interactive API page, served from here, sending the session's CSRF header along.
 */
import { readCookie } from "../api/session.js";

const { SwaggerUIBundle } = /** @type {{SwaggerUIBundle: (options: object) => void}} */ (
  /** @type {unknown} */ (window)
);
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  /** @param {{headers: Record<string, string>}} request */
  requestInterceptor(request) {
    request.headers["X-CSRF-TOKEN"] = readCookie("csrf_access_token");
    return request;
  },
});
