// Footprints of lots, as typed arrays; rows of a lot by its number.
import {bytesOf, floatsOf} from "./dom.js";

const names = ["caused", "borne", "carried", "since"];

export class Footprints {
  /** @param part of the model, see lot_footprints.hpp */
  constructor(part) {
    this.part = part;
    this.lots = new Uint32Array(bytesOf(part.lots).buffer);
    this.what = bytesOf(part.of);
    this.open = floatsOf(part.open);
    this.kg = floatsOf(part.kg);
    this.shares = bytesOf(part.shares);
    this.rows = new Map();
    this.lots.forEach((lot, row) => (this.rows.has(lot) ? this.rows.get(lot).push(row) : this.rows.set(lot, [row])));
  }
  /** What can be told of a lot [kg CO2e], credits aside. */
  of(lot) {
    const {scopes, stages} = this.part;
    return (this.rows.get(lot) || []).map((row) => {
      const kg = scopes.map((scope, k) => ({scope, kg: this.kg[row * scopes.length + k]}));
      const sum = kg.reduce((all, one) => all + (one.scope > 0 ? one.kg : 0), 0);
      return {of: names[this.what[row]], open: this.open[row], sum, credit: kg.find((one) => one.scope === 0)?.kg ?? 0, scopes: kg.sort((a, b) => a.scope - b.scope),
        stages: stages.map((stage, k) => ({stage, share: this.shares[row * stages.length + k] / 255})).filter(({share}) => share > 0).sort((a, b) => b.share - a.share)};
    });
  }
}
