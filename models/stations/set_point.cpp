// Compiles set-points and evaluates them for a lot.
#include "models/stations/set_point.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/stations/battery.hpp"

namespace retwin {

/// What an expression may name. A plant's other attributes are not seen: an operation resolves names, but cannot ask which there are.
class SetPoint::Known final : public Symbols {
 public:
  Known(const Components& components, std::vector<Read>& reads) : components_(components), reads_(reads) {}

  std::optional<Symbol> find(std::string_view name) const override {
    const std::string word(name);
    Binder& binder = components_.binder();
    if (word == "mass") return symbol(Read::mass, dimension::mass);
    if (word == "assay.kg") return symbol(binder.attribute(word, dimension::mass), dimension::mass);
    if (word.starts_with("assay.")) {
      if (!share(word.substr(6))) return std::nullopt;
      return symbol(binder.attribute(word, dimension::none), dimension::none);
    }
    if (word == "label.soh" || word == "label.damaged") return symbol(binder.attribute(word, dimension::none), dimension::none);
    const std::vector<std::string> chemistries = components_.chemistries();
    if (word == "label.chemistry") return category(binder.category(word, chemistries));
    if (word == "label.family") return category(binder.category(word, families_of(chemistries)));
    return std::nullopt;
  }
  /// Those that are likely: so few that all are told where none is near.
  std::vector<std::string> names() const override {
    return {"assay.Al", "assay.Co",        "assay.Cu",      "assay.Fe",     "assay.Li",  "assay.Ni",
            "assay.kg", "label.chemistry", "label.damaged", "label.family", "label.soh", "mass"};
  }

 private:
  Symbol symbol(int attribute, const Dimension& dimension) const {
    reads_.push_back({attribute});
    return {static_cast<int>(reads_.size()) - 1, dimension, {}, false};
  }
  Symbol category(int attribute) const {
    Symbol made = symbol(attribute, dimension::none);
    made.categories = components_.binder().categories(attribute);
    return made;
  }
  /// Whether these are elements or components joined by '_', which names of components may have in them.
  bool share(std::string_view word) const {
    const Substances& s = components_.substances();
    for (std::size_t end = word.find('_');; end = word.find('_', end + 1)) {
      const std::string head(word.substr(0, end));
      const bool known = s.component(head) >= 0 || std::find(s.elements.begin(), s.elements.end(), head) != s.elements.end();
      if (known && (end == std::string_view::npos || share(word.substr(end + 1)))) return true;
      if (end == std::string_view::npos) return false;
    }
  }

  const Components& components_;
  std::vector<Read>& reads_;
};

void SetPoint::bind(const Components& components, const char* name) {
  reads_.clear();
  expression_.reset();
  const Located& text = value_.expression();
  if (text.empty()) return;
  Binder& binder = components.binder();
  const std::string path = binder.path() + "." + name;
  const Known known(components, reads_);
  expression_ =
      Expression::compile(text.text, known, Expression::Result::number, value_.dimension(), text.place, path, binder.problems());
  if (!expression_ || !expression_->is_constant()) return;
  const double value = (*expression_)(nullptr);
  if (value >= range_.low && value <= range_.high && !(range_.low_open && value == range_.low)) return;
  const auto show = [&](double x) { return quantity_text(x, value_.dimension()); };
  binder.problems().error(Code::range, text.place, path, fmt::format("{} is {:.6g} in SI", text.text, value),
                          fmt::format("from {} to {} is possible", show(range_.low), show(range_.high)));
}

double SetPoint::of(const Job& job, int input, std::uint64_t draw) const {
  if (!expression_) {
    if (!value_.distribution()) return range_.low;  // after a problem
    return value_.distribution()->is_constant() ? value_.distribution()->mean() : job.sample(*value_.distribution(), draw);
  }
  std::vector<double> values;
  values.reserve(reads_.size());
  for (const Read& read : reads_)
    values.push_back(read.attribute == Read::mass ? job.mass(input) : job.attribute(input, read.attribute));
  const double value = (*expression_)(values.data());
  return value >= range_.low ? std::min(value, range_.high) : range_.low;  // nan too
}

}  // namespace retwin
