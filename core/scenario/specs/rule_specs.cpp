// The fields of rules and prices: name, unit, range and meaning.
#include "core/scenario/specs/rule_specs.hpp"

#include "core/base/confidence.hpp"

namespace retwin {

void OriginSpec::fields(Fields& f) {
  f.text("source", source, "where the figure comes from; without one it counts as an estimate");
  f.count("year", year, Range::any(), "year of the source");
  f.choice_index("confidence", confidence, confidences, "quality of the figure; estimate and recalled are marked in reports");
  f.text("region", region, "where it holds");
  f.text("document", document, "number or address of the document of the source: article, annex");
  f.text("note", note, "what to know about it");
}

void CountedSpec::fields(Fields& f) {
  f.required().names("of", of, "whose mass counts: sources, sinks or station.port");
  f.names("elements", elements, "only the mass of these elements, by symbol; default: the whole mass");
  f.names("components", components, "only the mass of these components");
  f.names("without", without, "components that do not count, e.g. water");
  f.names("without_elements", without_elements, "elements that do not count, by symbol");
}

void RuleSpec::fields(Fields& f) {
  f.choice_index("kind", kind, choices::rule_kind,
                 "efficiency: mass out over mass in; recovery: that of elements or components; content: of elements or components in what they "
                 "are in, dry if `without` says so");
  f.names("elements", elements, "whose recovery or content it is, by symbol");
  f.names("components", components, "likewise components");
  f.shares("at_least", at_least, "least shares by the day from which they hold, {2025-12-31: 65 %}");
  f.shares("at_most", at_most, "in place of it: largest shares");
  f.text("doc", doc, "the rule in words");
  about.fields(f);
}

void ComplianceSpec::fields(Fields& f) {
  f.name("rule", rule, "document.rule of the library's compliance/; else the rule is said here");
  own.fields(f);
  const auto places = [](CountedSpec& counted, Fields& g) { counted.fields(g); };
  f.map("out", out, places, "what counts as output, by names of one's own: {salts: {of: [sinks.salts], elements: [Ni]}}; of a content: nothing", "of");
  f.map("in", in, places, "what counts as input; of a content: the lots that it is a share of", "of");
}

void PriceSpec::fields(Fields& f) {
  f.name("flow", flow, "metered flow that it is paid for, by CNY per unit");
  f.name("labour", labour, "pool of people, by CNY/h on duty, at work or not");
  f.name("during", during, "of labour: a calendar of the plant; only time on duty in which it is on counts, e.g. a supplement for nights");
  f.name("feed", feed, "source, by CNY/t or CNY a lot; below 0: what is paid for taking it");
  f.name("product", product, "sink whose lots are sold, by CNY/t or CNY a lot");
  f.name("waste", waste, "sink whose lots are paid for to be taken, by CNY/t or CNY a lot");
  f.name("capital", capital, "investment: of a station, or any name of one's own; by CNY in all");
  f.name("element", element, "of a feed, product or waste: the price is that of this element alone, by its symbol");
  f.quantity("payable", payable, dimension::none, {0, 1, true}, "share of the content that is paid for, on dry assay");
  f.names("without", without, "of a feed, product or waste: components that are not paid for, e.g. water");
  f.required().name("value", value, "with its currency: 0.65 CNY/kWh, 38 CNY/h, -300 CNY/t, 60 EUR; EUR and USD at the rate of the units");
  f.name("low", low, "least value that is held possible");
  f.name("high", high, "largest value that is held possible");
  f.quantity("life", life_s, dimension::time, Range::positive(), "of an investment: over which it is paid back, 365 d a year");
  f.quantity("interest", interest, dimension::none, {0, 1}, "of an investment, a year");
  f.quantity("upkeep", upkeep, dimension::none, {0, 1}, "of an investment: maintenance, as its share a year");
  f.choice_index("kind", kind, choices::cost_kind, "kind of cost; default by what it is for: electricity is energy, another flow reagents");
  f.text("group", group, "of labour and investments: who bears it; a station's falls to its group");
  about.fields(f);
}

void ClaimSpec::fields(Fields& f) {
  f.required().name("per", per, "functional unit whose emissions per tonne are held against those of the baseline");
  f.required().text("additionality", additionality, "why it would not have been done anyway");
  f.quantity("leakage", leakage, dimension::none, Range::share(), "share of the reduction that arises elsewhere instead");
  about.fields(f);
}

}  // namespace retwin
