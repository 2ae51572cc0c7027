// Starts the components of the pages and follows the progress of work. The pages work without it.
import { initAll } from "./govuk-frontend-6.3.0.min.js";

const POLL_MS = 1500; // a person sees it move, and the service is asked less than once a second
const TELL_MS = 15000; // a screen reader says it now and then, and does not talk all the time
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
  const spoken = document.querySelector("[data-progress-told]");
  let failures = 0;
  let told = Date.now();
  const tell = (words) => {
    if (shown.textContent !== words) shown.textContent = words;
    if (Date.now() - told < TELL_MS) return;
    told = Date.now();
    spoken.textContent = words;
  };
  document.querySelector("[data-progress-hint]").hidden = false;
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
      tell(done);
    } catch {
      failures += 1;
      if (failures >= MOST_FAILURES) {
        told = 0;
        tell("The service does not answer. Reload this page to ask again.");
        return;
      }
    }
    window.setTimeout(ask, POLL_MS);
  };
  window.setTimeout(ask, POLL_MS);
}
