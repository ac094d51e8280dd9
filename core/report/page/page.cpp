// Parts of a page as one JSON document within a script element; no text of a scenario can end that element.
#include "core/report/page/page.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/problem.hpp"
#include "core/base/table_json.hpp"

namespace retwin {
namespace {

using nlohmann::json;
constexpr std::string_view place = "@MODEL@";
constexpr std::size_t most_rows = 2000;

/// "<" would begin a tag in HTML; in JSON it stands within strings only.
std::string inert(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) c == '<' ? out += "\\u003c" : out += c;
  return out;
}

}  // namespace

Page::Page(const std::string& command, const std::string& title, const std::string& heading) {
  text("command", command);
  text("version", RETWIN_VERSION);
  text("title", title);
  text("heading", heading);
}

void Page::text(const std::string& name, std::string_view text) { part(name, json_line(json(text))); }

void Page::table(const std::string& name, const std::string& doc, const Table& table) {
  if (table.empty()) return;
  json columns = json::array(), rows = json::array();
  for (const Column& column : table.columns())
    columns.push_back({{"name", column.name}, {"type", cell_type_names[static_cast<std::size_t>(column.type)]}, {"unit", column.unit}, {"doc", column.doc}});
  for (std::size_t r = 0; r < std::min(table.rows(), most_rows); ++r) {
    json row = json::array();
    for (std::size_t c = 0; c < columns.size(); ++c) row.push_back(json_cell<json>(table.at(r, c)));
    rows.push_back(std::move(row));
  }
  tables_ += (tables_.empty() ? "" : ",") + json_line<json>({{"name", name}, {"doc", doc}, {"columns", columns}, {"rows", rows}, {"of", table.rows()}});
}

std::string Page::model() const {
  std::string all = "{\"tables\":[" + tables_ + "]";
  for (const auto& [name, part] : parts_) all += ",\n" + json_line(json(name)) + ":" + part;
  return all + "}";
}

std::string Page::html(std::string_view frame) const {
  const std::size_t at = frame.find(place);
  if (at == std::string_view::npos) {
    Problem problem;
    problem.code = Code::file;
    problem.path = "--report";
    problem.message = "this program was built without the page that shows reports";
    problem.hint = "build it where npm is installed and can get its packages (bindings/report); --out and --format need none of it";
    throw InputError({std::move(problem)});
  }
  return std::string(frame.substr(0, at)) + inert(model()) + std::string(frame.substr(at + place.size()));
}

std::string base64(std::string_view bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t k = 0; k < bytes.size(); k += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j) three = three << 8 | (k + j < bytes.size() ? static_cast<std::uint8_t>(bytes[k + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += k + j <= bytes.size() ? digits[three >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

std::string base64_floats(std::span<const double> values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  for (std::size_t k = 0; k < values.size(); ++k) {
    const float value = static_cast<float>(values[k]);
    std::memcpy(bytes.data() + k * sizeof value, &value, sizeof value);
  }
  return base64(bytes);
}

}  // namespace retwin
