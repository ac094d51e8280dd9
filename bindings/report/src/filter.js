// One filter for all parts: rows of tables whose key has the text, and pictures that ask for it.
export class Filter {
  constructor(model) {
    this.text = "";
    this.groupOf = new Map((model.plant?.stations || []).map((s) => [s.name, s.group]));
  }
  keeps(...names) {
    return !this.text || names.some((name) => name && name.toLowerCase().includes(this.text));
  }
  rows() {
    for (const row of document.querySelectorAll("tr[data-key]")) {
      const keys = row.dataset.key.split("\n");
      row.hidden = !this.keeps(...keys, ...keys.map((key) => this.groupOf.get(key)));
    }
  }
  watch(page, input) {
    input.addEventListener("input", () => {
      this.text = input.value.trim().toLowerCase();
      this.rows();
      page.filtered.forEach((draw) => draw());
    });
  }
}
