// Reading days of arrivals: a file's name, or a list whose entries have fields like everything else.
#include "core/scenario/specs/day_blocks.hpp"

namespace retwin {

void DayBlocksValue::Block::fields(Fields& f) {
  f.required().name("day", day, "days of the week on which it can be drawn: Mon, Mon-Fri");
  f.required().names("at", at, "times of day, e.g. [9 h, 9 h 15 min]; []: no arrivals");
  f.quantity("weight", weight, dimension::none, {0, 1e9, true}, "how often, against the other blocks of that weekday");
}

void DayBlocksValue::read(const Node& node, const std::string& path, Problems& problems) {
  given_ = true;
  list_.clear();
  file_ = {};
  if (node.is_scalar() && !node.text.empty()) {
    file_ = {node.text, node.place};
    return;
  }
  if (!node.is_list() || node.items.empty()) {
    problems.error(Code::type, node.place, path, "a CSV file or a list of days is needed",
                   "write arrivals.csv or [{day: Mon-Fri, at: [9 h, 14 h]}]");
    return;
  }
  for (std::size_t k = 0; k < node.items.size(); ++k) {
    Block& block = list_.emplace_back();
    block.place = node.items[k].place;
    read_fields(node.items[k], path + "." + std::to_string(k), problems, [&](Fields& f) { block.fields(f); });
  }
}

Node DayBlocksValue::write() const {
  if (!file_.empty()) return Node::scalar(file_.text);
  Node list = Node::list();
  for (const Block& block : list_) list.items.push_back(written(block));
  return list;
}

std::string DayBlocksValue::schema() const {
  Block block;
  const std::string items = schema_of([&](Fields& f) { block.fields(f); });
  return R"({"oneOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": )" + items + "}]}";
}

}  // namespace retwin
