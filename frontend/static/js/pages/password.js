/**
 * First log-in: nothing else is possible until the password is one's own.
 */
import { api } from "../api/client.js";
import { passwordForm } from "../components/password_form.js";
import { toastError } from "../components/toast.js";
import { find } from "../dom.js";
import { safeNext } from "../lib/login.js";

const next = safeNext(new URLSearchParams(location.search).get("next"));
find("#password-form").replaceChildren(
  passwordForm({ api, word: "Set password", onDone: () => location.replace(next.startsWith("/profile") ? "/" : next) }),
);
find("[data-action='log-out']").addEventListener("click", () => {
  api.post("/api/auth/logout").then(() => location.replace("/login"), toastError);
});
