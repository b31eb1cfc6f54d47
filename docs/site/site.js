// What scrolls within itself can be scrolled with the keyboard.
for (const each of document.querySelectorAll(".md-typeset table:not([class]), .md-typeset .cell-output")) {
  each.tabIndex = 0;
}
