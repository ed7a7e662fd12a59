"use strict";
const table = document.querySelector("#questions");
const rows = [...table.tBodies[0].rows];
const text = document.querySelector("#words");
const outcome = document.querySelector("#outcome");
const shown = document.querySelector("#shown");

function filter() {
  const words = text.value.toLowerCase().split(/\s+/);
  let count = 0;
  for (const row of rows) {
    const content = row.dataset.words.toLowerCase();
    const wanted = !outcome.value || row.dataset.outcome.split(" ").includes(outcome.value);
    row.hidden = !(wanted && words.every((word) => content.includes(word)));
    count += row.hidden ? 0 : 1;
  }
  shown.textContent = `${count} of ${rows.length} questions`;
}

function sort(header) {
  const ascending = header.getAttribute("aria-sort") !== "ascending";
  for (const other of header.parentNode.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const key = (row) => row.cells[header.cellIndex].dataset.key;
  const numeric = header.classList.contains("number");
  const order = numeric ? (a, b) => key(a) - key(b) : (a, b) => key(a).localeCompare(key(b));
  rows.sort((a, b) => (ascending ? 1 : -1) * order(a, b));
  table.tBodies[0].append(...rows);
}

text.addEventListener("input", filter);
outcome.addEventListener("input", filter);
for (const button of table.tHead.querySelectorAll("button")) {
  button.addEventListener("click", () => sort(button.closest("th")));
}
filter();
