// Conveniences only: everything works without this file. "/" searches, "j" and "k" walk the cards, Escape closes menus.
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key === "Escape") document.querySelectorAll("details.who[open], details.take[open]").forEach((d) => d.removeAttribute("open"));
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    const search = document.getElementById("q");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
  if (event.key === "j" || event.key === "k") {
    const links = [...document.querySelectorAll(".card h2 a, .queue h2 a")];
    if (!links.length) return;
    const now = links.indexOf(document.activeElement);
    const next = links[Math.max(0, Math.min(links.length - 1, now + (event.key === "j" ? 1 : -1)))];
    next.focus();
    next.scrollIntoView({ block: "center" });
  }
});
// The desk: x chooses the item in focus, X all of them; a, c, h and p press the buttons.
document.addEventListener("keydown", (event) => {
  const form = document.querySelector("form[data-keys=queue]");
  if (!form || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox") return;
  const item = document.activeElement.closest(".queue li");
  if (event.key === "x" && item) { const box = item.querySelector("input"); box.checked = !box.checked; }
  if (event.key === "X") { const boxes = [...form.querySelectorAll("input[name=key]")]; const all = boxes.every((b) => b.checked); boxes.forEach((b) => { b.checked = !all; }); }
  const button = { a: "approve", c: "embargo", h: "hide", p: "pin" }[event.key];
  if (button) {
    if (!form.querySelector("input[name=key]:checked") && item) item.querySelector("input").checked = true;
    if (form.querySelector("input[name=key]:checked")) form.querySelector(`button[value=${button}]`)?.click();
  }
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.who[open], details.take[open]").forEach((d) => { if (!d.contains(event.target)) d.removeAttribute("open"); });
});
