// Starts the components of the pages and follows the progress of work. The pages work without it.
import { initAll } from "./govuk-frontend-6.3.0.min.js";

const POLL_MS = 1500; // a person sees it move, and the service is asked less than once a second
const MOST_FAILURES = 5; // in a row, before the page stops asking and says so

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// On paper there is nothing to unfold.
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  closed.forEach((one) => (one.open = true));
});
window.addEventListener("afterprint", () => {
  closed.forEach((one) => (one.open = false));
  closed = [];
});

const progress = document.querySelector("[data-progress]");
if (progress) follow(progress);

function follow(shown) {
  const words = shown.querySelector("[data-progress-words]");
  let failures = 0;
  const ask = async () => {
    try {
      const answer = await fetch(shown.dataset.progress, { cache: "no-store", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { done, state } = await answer.json();
      failures = 0;
      if (state !== "running") {
        window.location.reload();
        return;
      }
      const unit = shown.dataset.unit + (Number(done) === 1 ? "" : "s");
      const told = `${Number(done).toLocaleString("en-GB")} ${unit} done`;
      if (words.textContent !== told) words.textContent = told;
    } catch {
      failures += 1;
      if (failures >= MOST_FAILURES) {
        words.textContent = "The service does not answer. Reload this page to ask again.";
        return;
      }
    }
    window.setTimeout(ask, POLL_MS);
  };
  window.setTimeout(ask, POLL_MS);
}
