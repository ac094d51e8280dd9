// Days of arrivals as a scenario writes them: the name of a file, or a list of days with their times.
#pragma once
#include <string>
#include <vector>

#include "core/base/fields.hpp"

namespace retwin {

/// `arrivals.csv` | `[{day: Mon-Fri, at: [9 h, 9 h 15 min], weight: 2}, {day: Sat, at: []}]`
class DayBlocksValue : public Value {
 public:
  struct Block {
    Place place;
    Located day;              ///< "Mon", "Mon-Fri"
    std::vector<Located> at;  ///< times of day
    double weight = 1;
    void fields(Fields& f);
  };
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  void set_file(const std::string& name) { given_ = true, file_ = {name, {}}; }
  bool given() const override { return given_; }
  std::string type() const override { return "CSV file or list of days"; }
  std::string schema() const override;
  std::string text() const override { return {}; }
  /// Empty: the blocks are those of the list.
  const Located& file() const { return file_; }
  const std::vector<Block>& list() const { return list_; }

 private:
  bool given_ = false;
  Located file_;
  std::vector<Block> list_;
};

}  // namespace retwin
