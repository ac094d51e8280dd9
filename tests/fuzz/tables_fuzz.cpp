// Fuzz harness of logs and tables: the bytes as a file of each format that the first byte may choose; findings or problems, nothing else.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "core/base/problem.hpp"
#include "core/telemetry/balances/flow_tables.hpp"
#include "core/telemetry/readers/meter_series.hpp"
#include "core/telemetry/readers/read_log.hpp"
#include "core/telemetry/readers/state_log.hpp"

using namespace retwin;

namespace {

/// A file that is there as long as it is read.
class Temporary {
 public:
  Temporary(std::string_view bytes, const char* ending) : path_("/tmp/retwin-fuzz-" + std::to_string(::getpid()) + ending) {
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fclose(file);
  }
  ~Temporary() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

template <class Read>
void attempt(Read&& read) {
  try {
    read();
  } catch (const InputError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool xml = bytes.substr(0, 200).find('<') != std::string_view::npos, json = bytes.starts_with("{");
  const char* ending = bytes.starts_with("SQLite format 3") ? ".sqlite" : json ? ".json" : xml ? ".xes" : ".csv";
  const Temporary file(bytes, ending);
  attempt([&] { read_log(file.path()); });
  attempt([&] { read_flow_networks(file.path()); });
  if (std::string_view(ending) != ".csv") return 0;
  attempt([&] { read_state_log(file.path(), {}); });
  attempt([&] { read_meter_series(file.path(), {}); });
  return 0;
}
