// Reads an event log in CSV row by row and prints how long that took, as JSON: {"rows": ..., "loop_s": ...}.
#include <chrono>
#include <cstdio>

#include "core/telemetry/readers/csv_log.hpp"

int main(int count, char** words) {
  if (count != 2) return 1;
  try {
    const auto start = std::chrono::steady_clock::now();
    retwin::CsvLogReader reader(words[1]);
    double work_s = 0;
    for (retwin::LogRow row; reader.next(row);) work_s += row.event.end_s - row.event.start_s;
    const double loop_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("{\"rows\": %llu, \"loop_s\": %.6f, \"work_s\": %.3f}\n", static_cast<unsigned long long>(reader.rows()), loop_s,
                work_s);
  } catch (const retwin::InputError& error) {
    std::fputs(error.what(), stderr);
    return 2;
  }
}
