// What forms and links alone cannot do. Everything works without it.
"use strict";
(() => {
  const isMac = navigator.platform.startsWith("Mac");
  const find = () => document.querySelector("[data-find]");

  // ⌘K or Ctrl-K, or a slash where nobody types, goes to the search.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const wanted = (event.key === "k" && (isMac ? event.metaKey : event.ctrlKey)) || (event.key === "/" && !typing);
    const field = find();
    if (wanted && field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });

  // "?" shows the keys; "g" and a letter goes to a page, "n" to a new service, where nobody types.
  const keys = () => document.getElementById("keys");
  let went = 0;
  document.addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.ctrlKey || event.metaKey || event.altKey || !keys()) return;
    if (event.key === "?") return keys().showModal();
    if (event.key === "g") return void (went = Date.now());
    const wanted = Date.now() - went < 1500 ? `g ${event.key}` : event.key;
    went = 0;
    keys().querySelector(`a[data-keys="${CSS.escape(wanted)}"]`)?.click();
  });
  document.addEventListener("click", (event) => event.target.closest?.("[data-show-keys]") && keys().showModal());

  // Escape closes what was unfolded to do something, and leads back to where it was; so does the menu of a narrow
  // screen when somebody goes on elsewhere. A dialog closes by itself.
  const menu = ".top details[open]";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    const open = event.target.closest?.("details.confirm[open], details.fold[open]") ?? document.querySelector(menu);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    const open = document.querySelector(menu);
    if (open && !open.contains(event.target)) open.open = false;
  });

  // What people take elsewhere has a button that copies it, where the browser lets us.
  const copies = () => {
    if (!navigator.clipboard) return;
    for (const one of document.querySelectorAll("[data-copy]")) {
      if (one.nextElementSibling?.classList.contains("copy")) continue;
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "bare copy", textContent: "Copy" });
      button.setAttribute("aria-label", `Copy ${one.dataset.copy}`);
      one.after(button);
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button.copy");
    if (!button) return;
    await navigator.clipboard.writeText(button.previousElementSibling.dataset.whole ?? button.previousElementSibling.textContent.trim());
    button.textContent = "Copied";
    const said = document.getElementById("copied");
    if (said) said.textContent = button.getAttribute("aria-label").replace("Copy", "Copied");
    setTimeout(() => {
      button.textContent = "Copy";
      if (said) said.textContent = "";
    }, 1500);
  });
  document.addEventListener("htmx:after:swap", copies);

  // How long ago something was goes on while the page is open; the words are those of the server.
  const units = [[31536000, "y"], [86400, "d"], [3600, "h"], [60, "min"]];
  const ago = (seconds) => {
    const [size, unit] = units.find(([size]) => Math.abs(seconds) >= size) ?? [];
    if (!size) return seconds >= 0 ? "just now" : "in a moment";
    const said = `${Math.floor(Math.abs(seconds) / size)} ${unit}`;
    return seconds >= 0 ? `${said} ago` : `in ${said}`;
  };
  setInterval(() => {
    for (const one of document.querySelectorAll("time[title]")) one.textContent = ago((Date.now() - Date.parse(one.dateTime)) / 1000);
  }, 30000);

  const start = () => {
    for (const one of document.querySelectorAll("[data-show-keys]")) one.hidden = false;
    copies();
    for (const key of document.querySelectorAll("[data-key]")) key.textContent = isMac ? "⌘K" : "Ctrl K";
    restore();
    fold();
    bottom();
  };

  // On a narrow screen what filters is folded up, so that what is found can be seen; as somebody left it, it stays.
  let unfolded = innerWidth > 896;
  const fold = () => document.querySelectorAll("details.facets").forEach((one) => (one.open = unfolded));
  document.addEventListener("click", (event) => {
    const facets = event.target.closest?.("details.facets > summary")?.parentElement;
    if (facets) unfolded = !facets.open;
  });
  document.addEventListener("htmx:after:swap", fold);

  // A log stays at its end while somebody reads there.
  const bottom = () => {
    const log = document.getElementById("log");
    if (log) log.scrollTop = log.scrollHeight;
  };
  let atEnd = true;
  document.addEventListener("htmx:sse:before:message", () => {
    const log = document.getElementById("log");
    atEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  });
  document.addEventListener("htmx:sse:after:message", () => atEnd && bottom());

  // What somebody unfolded stays so where news come.
  document.addEventListener("htmx:before:morph:attr", (event) => {
    if (event.detail.attrName === "open" && event.target.tagName === "DETAILS") event.preventDefault();
  });

  // What is written in a long form is kept in this tab until it has been sent: a session may end meanwhile.
  const drafts = () => document.querySelectorAll("form[data-draft]");
  const named = (form) => `gaia-draft ${form.dataset.draft}`;
  const restore = () => {
    for (const form of drafts()) {
      const kept = JSON.parse(sessionStorage.getItem(named(form)) || "{}");
      if (form.dataset.fresh !== "yes") continue;
      for (const [name, value] of Object.entries(kept)) {
        const field = form.elements.namedItem(name);
        if (field && "value" in field && field.type !== "hidden") field.value = value;
      }
      if (Object.keys(kept).length) form.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "token" && typeof value === "string");
    sessionStorage.setItem(named(form), JSON.stringify(Object.fromEntries(fields)));
  });
  document.addEventListener("DOMContentLoaded", () => {
    const sent = document.querySelector("[data-sent]");
    if (sent) sessionStorage.removeItem(`gaia-draft ${sent.dataset.sent}`);
    start();
  });
})();
