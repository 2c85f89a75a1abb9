"use strict";
(function () {
  const form = document.getElementById("filter");
  if (!form) { return; }
  const changes = Array.from(document.querySelectorAll("li.change"));
  const lists = Array.from(new Set(changes.map(function (one) { return one.parentNode; })));
  const homes = changes.map(function (one) { return lists.indexOf(one.parentNode); });
  const texts = changes.map(function (one) { return one.textContent.toLowerCase(); });
  const count = document.getElementById("count");
  const wanted = document.getElementById("words");
  const found = document.getElementById("found");
  const rests = lists.map(function (list) { return Array.from(list.children).filter(function (one) { return !one.classList.contains("change"); }); });
  let whole = true;
  function show() {
    const words = wanted.value.toLowerCase().split(" ").filter(Boolean);
    const kinds = Array.from(form.querySelectorAll("input[name=kind]:checked"), function (box) { return box.value; });
    let shown = 0;
    // Each list is filled anew: hiding thousands of its entries one by one takes seconds.
    const kept = lists.map(function () { return []; });
    changes.forEach(function (one, at) {
      const has = words.every(function (word) { return texts[at].includes(word); });
      const fits = kinds.includes(one.dataset.kind);
      const told = !found.checked || one.dataset.found === "yes";
      if ([has, fits, told].every(Boolean)) {
        shown += 1;
        kept[homes[at]].push(one);
      }
    });
    const all = shown === changes.length;
    if (![all, whole].every(Boolean)) {
      lists.forEach(function (list, at) { list.replaceChildren.apply(list, kept[at].concat(rests[at])); });
    }
    whole = all;
    count.textContent = shown + " of " + changes.length;
  }
  function open() {
    const name = location.hash.slice(1);
    const one = changes.find(function (one) { return one.id === name; });
    if (!one) { return; }
    if (!one.isConnected) {
      form.reset();
      show();
    }
    const details = one.querySelector("details");
    if (details) { details.open = true; one.scrollIntoView(); }
  }
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("hashchange", open);
  show();
  open();
})();
