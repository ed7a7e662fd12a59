"use strict";
const table = document.querySelector("#questions");
const questions = [...table.tBodies];
const text = document.querySelector("#words");
const outcome = document.querySelector("#outcome");
const shown = document.querySelector("#shown");

function filter() {
  const words = text.value.toLowerCase().split(/\s+/);
  let count = 0;
  for (const question of questions) {
    const content = question.dataset.words.toLowerCase();
    const wanted = !outcome.value || question.dataset.outcome.split(" ").includes(outcome.value);
    question.hidden = !(wanted && words.every((word) => content.includes(word)));
    count += question.hidden ? 0 : 1;
  }
  shown.textContent = `${count} of ${questions.length} questions`;
}

function sort(header) {
  const ascending = header.getAttribute("aria-sort") !== "ascending";
  for (const other of header.parentNode.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const key = (question) => question.rows[0].cells[header.cellIndex].dataset.key;
  const numeric = header.classList.contains("number");
  const order = numeric ? (a, b) => key(a) - key(b) : (a, b) => key(a).localeCompare(key(b));
  questions.sort((a, b) => (ascending ? 1 : -1) * order(a, b));
  table.append(...questions);
}

function toggle(button) {
  const detail = button.closest("tbody").rows[1];
  detail.hidden = !detail.hidden;
  button.setAttribute("aria-expanded", String(!detail.hidden));
}

text.addEventListener("input", filter);
outcome.addEventListener("input", filter);
for (const button of table.tHead.querySelectorAll("button")) {
  button.addEventListener("click", () => sort(button.closest("th")));
}
for (const button of table.querySelectorAll("button.ask")) {
  button.addEventListener("click", () => toggle(button));
}
filter();
