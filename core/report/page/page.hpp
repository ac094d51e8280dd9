// A page for the browser: named parts as JSON, put into a frame that shows them; one file, nothing of it is fetched.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/table.hpp"

namespace retwin {

class Page {
 public:
  /// @param command the subcommand whose page it is  @param heading one line on what it is about
  Page(const std::string& command, const std::string& title, const std::string& heading);
  /// A part for the frame's program. @param json a whole document
  void part(const std::string& name, std::string json) { parts_.emplace_back(name, std::move(json)); }
  void text(const std::string& name, std::string_view text);
  /// A table with units and meanings of its columns; one without rows is left out, of a long one the first 2,000 are told.
  void table(const std::string& name, const std::string& doc, const Table& table);

  /// All parts as one document; as a part of another page it is a page within it.
  std::string model() const;
  /// The frame with the parts in it. @throws InputError (file) if the frame is empty: retwin was built without it
  std::string html(std::string_view frame) const;

 private:
  std::vector<std::pair<std::string, std::string>> parts_;
  std::string tables_;
};

/// Numbers as base64 of their bytes (floats, little end first), for parts of a page.
std::string base64_floats(std::span<const double> values);
std::string base64(std::string_view bytes);

}  // namespace retwin
