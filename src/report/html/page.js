"use strict";
(function () {
  const form = document.getElementById("filter");
  if (!form) { return; }
  const changes = Array.from(document.querySelectorAll("li.change"));
  const texts = changes.map(function (one) { return one.textContent.toLowerCase(); });
  const count = document.getElementById("count");
  const wanted = document.getElementById("words");
  const found = document.getElementById("found");
  function show() {
    const words = wanted.value.toLowerCase().split(" ").filter(Boolean);
    const kinds = Array.from(form.querySelectorAll("input[name=kind]:checked"), function (box) { return box.value; });
    let shown = 0;
    changes.forEach(function (one, at) {
      const has = words.every(function (word) { return texts[at].includes(word); });
      const fits = kinds.includes(one.dataset.kind);
      const told = !found.checked || one.dataset.found === "yes";
      one.hidden = ![has, fits, told].every(Boolean);
      if (!one.hidden) { shown += 1; }
    });
    count.textContent = shown + " of " + changes.length;
  }
  function open() {
    const one = document.getElementById(location.hash.slice(1));
    if (!one) { return; }
    const details = one.querySelector("details");
    if (details) { one.hidden = false; details.open = true; one.scrollIntoView(); }
  }
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("hashchange", open);
  show();
  open();
})();
