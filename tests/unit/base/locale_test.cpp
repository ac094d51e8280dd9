// Numbers mean the same under every locale: a program that embeds us may have set one with a decimal comma.
#include <doctest/doctest.h>

#include <locale.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/base/expression.hpp"
#include "core/base/files.hpp"
#include "core/base/units.hpp"

namespace retwin::locale_test {
namespace fs = std::filesystem;

namespace {

/// The category LC_NUMERIC of a locale with a decimal comma, as localedef writes it for the C library of Linux (that of de_DE).
constexpr unsigned char comma[] = {0x14, 0x11, 0x03, 0x20, 6, 0, 0, 0, 0x20, 0, 0, 0, 0x22, 0, 0, 0, 0x24, 0,    0,    0,
                                   0x28, 0,    0,    0,    0x2c, 0, 0, 0, 0x30, 0, 0, 0, ',',  0, '.', 0, 0x03, 0x03, 0,    0,
                                   ',',  0,    0,    0,    '.',  0, 0, 0, 'U',  'T', 'F', '-',  '8', 0};

/// While it lives, the program has that locale.
class DecimalComma {
 public:
  DecimalComma() {
    fs::create_directories(folder_ / "comma");
    std::ofstream(folder_ / "comma/LC_NUMERIC", std::ios::binary).write(reinterpret_cast<const char*>(comma), sizeof comma);
    ::setenv("LOCPATH", folder_.c_str(), 1);
    REQUIRE(::setlocale(LC_NUMERIC, "comma") != nullptr);
  }
  ~DecimalComma() {
    ::setlocale(LC_NUMERIC, "C");
    ::unsetenv("LOCPATH");
    fs::remove_all(folder_);
  }
  DecimalComma(const DecimalComma&) = delete;
  DecimalComma& operator=(const DecimalComma&) = delete;

 private:
  fs::path folder_ = fs::temp_directory_path() / ("retwin_locale_test_" + std::to_string(::getpid()));
};

/// All that is read from texts, each as a number. Prefixes and units in turn, so that nothing comes from an earlier look-up.
std::vector<double> numbers(int salt) {
  std::vector<double> all;
  const auto quantity = [&](const std::string& text) { all.push_back(parse_quantity(text).value_or(Quantity{-1, {}}).value); };
  for (const char* unit : {"g", "mg", "kt", "L", "mL", "ms", "min", "kWh", "MWh", "GWh", "kW", "mA", "mAh", "mV", "mohm", "mmol", "EUR", "USD",
                           "gCO2e", "ktCO2e", "%", "ppm", "bar", "mbar", "kPa", "degC", "um", "Nm3"}) {
    quantity(std::string("1.5 ") + unit);
    if (unit != std::string("degC")) quantity(std::string("1.5 ") + unit + "/m" + std::to_string(salt));
  }
  quantity("2.5 h 30.25 min");
  for (const char* text : {"1.5", "-0.25", "1e-3", "+7.5"}) all.push_back(number_of(text).value_or(-1));
  for (const char* text : {"1,5", "", "x", "1.5x", "inf", "nan", "1e999", "+-1"}) all.push_back(number_of(text) ? 1 : 0);
  return all;
}

}  // namespace

TEST_CASE("units, quantities and numbers are read the same under a decimal comma") {
  const std::vector<double> plain = numbers(2);
  std::vector<double> under_comma;
  {
    const DecimalComma locale;
    REQUIRE(std::strtod("1,5", nullptr) == 1.5);  // control: the C library does read so now
    under_comma = numbers(3);                     // units that no look-up has seen
    std::thread([&] { CHECK(parse_quantity("1.5 kWh/kg4").has_value()); }).join();
    CHECK(number_text(1.5) == "1.5");
    CHECK(std::strtod("1,5", nullptr) == 1.5);  // the program's locale is left as it was
  }
  REQUIRE(plain.size() == under_comma.size());
  for (std::size_t k = 0; k < plain.size(); ++k) CHECK(plain[k] == under_comma[k]);
  CHECK(plain[0] == 0.0015);
}

}  // namespace retwin::locale_test
