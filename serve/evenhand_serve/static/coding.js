// Keys for the forms of a project, and a filter for its issues. The forms work without it.
const form = document.querySelector("[data-coding]");
const filter = document.querySelector("#filter");
const filterTold = document.querySelector("[data-filter-told]");
const switchOn = document.querySelector("[data-keys-on]");
const REMEMBERED = "evenhand-keys"; // of the browser: whether keys are used, and nothing else

document.querySelectorAll("[data-filter], [data-keys-told]").forEach((one) => (one.hidden = false));
switchOn.checked = window.localStorage.getItem(REMEMBERED) !== "off";
switchOn.addEventListener("change", () => window.localStorage.setItem(REMEMBERED, switchOn.checked ? "on" : "off"));

const issues = [...form.querySelectorAll("[name=issues]")].map((box) => {
  const item = box.parentElement;
  return { box, item, words: item.textContent.trim().toLowerCase() };
});

function matches() {
  const wanted = filter.value.trim().toLowerCase();
  const begins = (one) => one.words.split(/[ -]/).some((word) => word.startsWith(wanted)) || one.words.startsWith(wanted);
  return issues.filter((one) => begins(one) || (wanted.length > 2 && one.words.includes(wanted)));
}

function show() {
  const found = new Set(matches());
  issues.forEach((one) => (one.item.hidden = !found.has(one)));
  filterTold.textContent = filter.value ? `${found.size} found` : "";
}

filter.addEventListener("input", show);
filter.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const [first] = matches();
    if (filter.value.trim() && first) {
      first.box.click();
      filter.value = "";
      show();
      filterTold.textContent = `${first.box.checked ? "Ticked" : "Not ticked any more"}: ${first.words}`;
    }
  } else if (event.key === "Escape") {
    filter.value = "";
    show();
    filter.blur();
  }
});

let changed = false; // then nothing throws the form away but a link that was meant
let sent = false; // a key that is held down sends a form once
form.addEventListener("change", () => (changed = true));
form.addEventListener("input", (event) => (changed = changed || event.target !== filter));
document.querySelectorAll("form").forEach((one) =>
  one.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  }),
);
window.addEventListener("pageshow", () => (sent = false));

// A choice of one can be taken back by choosing it again.
let before = null;
const radios = [...form.querySelectorAll("[type=radio]")];
const remember = () => (before = new Map(radios.map((one) => [one, one.checked])));
remember();
radios.forEach((one) =>
  one.addEventListener("click", () => {
    if (before.get(one)) one.checked = false;
    changed = true;
    remember();
  }),
);
radios.forEach((one) => one.addEventListener("change", remember));
document.querySelector(".eh-saved")?.focus();

const writing = (target) => target.matches("textarea, input[type=text]");

document.addEventListener("keydown", (event) => {
  if (event.repeat) {
    if (!writing(event.target)) event.preventDefault();
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.key === "Escape" && writing(event.target)) event.target.blur();
  if (!switchOn.checked || writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const take = ["[", "]"].indexOf(event.key);
  const box = form.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (box) box.click();
  else if (event.key === "/") filter.focus();
  else if (event.key === "m") form.querySelector("#note").focus();
  else if (event.key === "x" && !changed) window.location.assign(form.dataset.skip);
  else if (take >= 0) document.querySelectorAll("[data-take]")[take]?.click();
  else return;
  event.preventDefault();
});
