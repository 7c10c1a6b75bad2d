/**
 * Log-in, then on to the page that was wanted.
 */
import { api } from "../api/client.js";
import { ApiError } from "../api/errors.js";
import { onSubmit } from "../components/fields.js";
import { notice } from "../components/state.js";
import { find } from "../dom.js";
import { loginMessage, safeNext } from "../lib/login.js";

const form = /** @type {HTMLFormElement} */ (find("#login-form"));
const answer = find("#login-answer");
const username = /** @type {HTMLInputElement} */ (find("#username"));
const password = /** @type {HTMLInputElement} */ (find("#password"));

onSubmit(form, async () => {
  answer.replaceChildren();
  if (!username.value.trim() || !password.value) {
    answer.replaceChildren(notice("bad", "Type your user name and your password."));
    return;
  }
  try {
    const { user } = await api.post(
      "/api/auth/login",
      { username: username.value.trim(), password: password.value },
      { anonymous: true },
    );
    const next = safeNext(new URLSearchParams(location.search).get("next"));
    const wanted = new URLSearchParams(next === "/" ? {} : { next }).toString();
    location.replace(user.must_change_password ? `/profile${wanted ? `?${wanted}` : ""}` : next);
  } catch (error) {
    const problem = error instanceof ApiError ? error : new ApiError({ status: 0 });
    answer.replaceChildren(notice("bad", loginMessage(problem)));
    password.value = "";
    password.focus();
  }
});
