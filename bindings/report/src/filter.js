// One filter for all parts: rows of tables whose key has the text, and charts that ask for it.
export function watchFilter(page, input) {
  page.filter = "";
  page.filtered = page.filtered || [];
  page.keeps = (...names) => !page.filter || names.some((name) => name && name.toLowerCase().includes(page.filter));
  const apply = () => {
    page.filter = input.value.trim().toLowerCase();
    for (const row of document.querySelectorAll("tr[data-key]")) {
      const keys = row.dataset.key.split("\n");
      const groups = keys.map((key) => page.groupOf?.get(key)).filter(Boolean);
      row.hidden = !page.keeps(...keys, ...groups);
    }
    page.filtered.forEach((draw) => draw());
  };
  page.groupOf = new Map((page.model.plant?.stations || []).map((s) => [s.name, s.group]));
  input.addEventListener("input", apply);
}
