// Units: values, dimensions, the traps of unit libraries, dates and durations, use from several threads.
#include <doctest/doctest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "core/base/units.hpp"

namespace retwin::units_test {

namespace {

double value(std::string_view text, const Dimension& dimension) {
  std::string why;
  const auto quantity = parse_quantity(text, &why);
  INFO(std::string(text), ": ", why);
  REQUIRE(quantity.has_value());
  CHECK(quantity->dimension == dimension);
  return quantity->value;
}

std::string refusal(std::string_view text) {
  std::string why;
  INFO(std::string(text));
  CHECK_FALSE(parse_quantity(text, &why).has_value());
  CHECK_FALSE(why.empty());
  return why;
}

}  // namespace

TEST_CASE("quantities in SI") {
  CHECK(value("450 kg/h", dimension::mass_rate) == 0.125);
  CHECK(value("450kg/h", dimension::mass_rate) == 0.125);
  CHECK(value("1.6 t/h", dimension::mass_rate) == doctest::Approx(1600.0 / 3600));
  CHECK(value("2 h", dimension::time) == 7200);
  CHECK(value("13 weeks", dimension::time) == 13 * 7 * 86400.0);
  CHECK(value("90 kW", dimension::power) == 90000);
  CHECK(value("2 kWh", dimension::energy) == 7.2e6);
  CHECK(value("1.5 MWh", dimension::energy) == 5.4e9);
  CHECK(value("100 Wh", dimension::energy) == 360000);
  CHECK(value("900 kWh/t", dimension::specific_energy) == doctest::Approx(3.24e6));
  CHECK(value("5 m/s", dimension::speed) == 5);
  CHECK(value("3 m3", dimension::volume) == 3);
  CHECK(value("10 Nm3/h", dimension::volume_rate) == doctest::Approx(10.0 / 3600));
  CHECK(value("250 L", dimension::volume) == 0.25);
  CHECK(value("0.62 kg/kWh", dimension::mass / dimension::energy) == doctest::Approx(0.62 / 3.6e6));
  CHECK(value("5 mol", dimension::amount) == 5);
  CHECK(value("-3 kg", dimension::mass) == -3);
  CHECK(value("+3 kg", dimension::mass) == 3);
  CHECK(value(".5 kg", dimension::mass) == 0.5);
  CHECK(value("1e3 kg", dimension::mass) == 1000);
  CHECK(value("  2   h  ", dimension::time) == 7200);
  CHECK(value("5 kg/(m2 h)", dimension::mass_rate / power(dimension::length, 2)) == doctest::Approx(5.0 / 3600));
  CHECK(value("5 kg m-2 s-1", dimension::mass_rate / power(dimension::length, 2)) == 5);
  CHECK(value("5 m^2", power(dimension::length, 2)) == 5);
  CHECK(value("5 m²", power(dimension::length, 2)) == 5);
}

TEST_CASE("plain numbers, shares and pieces") {
  CHECK(value("3", dimension::none) == 3);
  CHECK(value("12 %", dimension::none) == 0.12);
  CHECK(value("7%", dimension::none) == 0.07);  // exactly: divided by 100, not multiplied by 0.01
  CHECK(value("30 1/h", dimension::rate) == 30.0 / 3600);
  CHECK(value("30/h", dimension::rate) == 30.0 / 3600);
  CHECK(value("5 pieces", dimension::none) == 5);
  CHECK(value("5 pieces/h", dimension::rate) == 5.0 / 3600);
}

TEST_CASE("money and CO2-equivalents are dimensions of their own") {
  Dimension co2;
  co2.exponent[7] = 1;
  CHECK(value("2 kg CO2e", co2) == 2);
  CHECK(value("2 t CO2e", co2) == 2000);
  CHECK(value("0.62 kg CO2e/kWh", co2 / dimension::energy) == doctest::Approx(0.62 / 3.6e6));
  CHECK(value("0.62 kgCO2e/kWh", co2 / dimension::energy) == doctest::Approx(0.62 / 3.6e6));
  CHECK(value("3 kg CO2e/kg", co2 / dimension::mass) == 3);
  CHECK(value("3 kg/kg CO2e", dimension::mass / co2) == 3);
  CHECK(value("0.8 CNY/kWh", dimension::money / dimension::energy) == doctest::Approx(0.8 / 3.6e6));
  CHECK(value("1 EUR", dimension::money) > value("1 USD", dimension::money));
  CHECK(describe(co2 / dimension::energy) == "a CO2-equivalent per energy");
}

TEST_CASE("the traps of unit libraries") {
  CHECK(value("0 kg", dimension::mass) == 0);
  CHECK(value("20 degC", dimension::temperature) == doctest::Approx(293.15));
  CHECK(value("20 °C", dimension::temperature) == doctest::Approx(293.15));
  CHECK(value("5 kJ/(kg degC)", dimension::specific_energy / dimension::temperature) == 5000);
  CHECK(refusal("20 C").find("degC") != std::string::npos);
  CHECK(refusal("1 a").find("365 d") != std::string::npos);
  CHECK(refusal("1 yr").find("365 d") != std::string::npos);
  CHECK(refusal("1 month").find("30 d") != std::string::npos);
  CHECK(refusal("1 ton").find("write t") != std::string::npos);
  CHECK(value("2 h 30 min", dimension::time) == 9000);
  CHECK(value("2h30min", dimension::time) == 9000);
  CHECK(value("1 d 2 h 3 min 4 s", dimension::time) == 86400 + 7200 + 180 + 4);
  CHECK(value("-2 h 30 min", dimension::time) == -9000);
  refusal("30 min 2 h");
  refusal("2 h 30");
  refusal("2 h -30 min");
  refusal("2 kg 30 g");
}

TEST_CASE("what is no quantity is refused with a reason") {
  CHECK(refusal("5,000 kg").find("5000") != std::string::npos);
  CHECK(refusal("1_000 kg").find("1000") != std::string::npos);
  CHECK(refusal("5 kgg").find("kg") != std::string::npos);
  CHECK(refusal("5 kwh").find("kWh") != std::string::npos);
  CHECK(refusal("5 kg/m2 h").find("brackets") != std::string::npos);
  for (const char* text : {"",        "-",     "kg",    "inf",    "nan",     "-inf s",       "1e999", "1e308 t", "1 2",
                           "1 kg 2",  "5 kg/", "5 (kg", "5 kg)",  "5 m999",  "5 L99",        "5 m^",  "5 //h",   "5 kg**2",
                           "0x10 kg", "5 $",   "\xff",  "5 \xff", "five kg", "5 since 1970", "1e5e5"}) {
    refusal(text);
  }
  refusal(std::string(100000, '9'));
  refusal("5 " + std::string(100000, 'm'));
}

TEST_CASE("units alone") {
  CHECK(parse_unit("kg/h")->value == doctest::Approx(1.0 / 3600));
  CHECK(parse_unit("")->dimension.none());
  CHECK(parse_unit("1/h")->dimension == dimension::rate);
  CHECK_FALSE(parse_unit("degC").has_value());
  CHECK_FALSE(parse_unit("5 kg").has_value());
}

TEST_CASE("dimensions describe themselves, and every example can be read back") {
  CHECK(describe(dimension::mass) == "a mass");
  CHECK(describe(dimension::mass_rate) == "a mass rate");
  CHECK(describe(dimension::none) == "a plain number");
  CHECK(example_unit(dimension::mass_rate) == "kg/h");
  CHECK(example_unit(dimension::none).empty());
  CHECK(si_unit(dimension::mass_rate) == "kg s-1");
  CHECK(si_unit(dimension::energy) == "J");
  Dimension odd;
  odd.exponent = {2, -1, 3, -2, 1, 0, -1, -2};
  CHECK(describe(odd).find("s3") != std::string::npos);
  for (const char* text : {"min",    "kg",    "m2",     "m3/t",  "kWh/t",   "kWh",       "W",          "kg/m2",          "Pa",
                           "A",      "Ah",    "V",      "mohm",  "K/min",   "kJ/K",      "kJ/(kg K)",  "mol/L",          "g/mol",
                           "kJ/mol", "CNY/t", "CNY/m3", "CNY/h", "CNY/kWh", "CNY/tCO2e", "kg CO2e/kg", "kg CO2e/(t km)", "1/kWh",
                           "W/m2"}) {
    INFO(text);
    const auto unit = parse_unit(text);
    REQUIRE(unit.has_value());
    CHECK(parse_unit(example_unit(unit->dimension))->dimension == unit->dimension);
    CHECK(parse_unit(si_unit(unit->dimension))->dimension == unit->dimension);
    CHECK(parse_unit(si_unit(unit->dimension))->value == 1.0);
    CHECK(describe(unit->dimension).find("a quantity in") == std::string::npos);
  }
  CHECK(parse_unit(si_unit(odd))->dimension == odd);
  CHECK(parse_unit(si_unit(parse_unit("L9")->dimension))->dimension == power(dimension::volume, 9));
  CHECK(power(power(dimension::length, 100), 100).exponent[0] == 100);  // stays within bounds
}

TEST_CASE("units can be read from several threads at once") {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&wrong, t] {
      for (int i = 1; i < 500; ++i) {
        const auto quantity = parse_quantity(std::to_string(i) + " kg m-" + std::to_string(i % 9 + 1) + "/h");
        if (!quantity || std::abs(quantity->value * 3600 - i) > 1e-9 * i) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("dates and durations") {
  CHECK(parse_date("1970-01-01") == 0);
  CHECK(parse_date("2026-01-05") == 20458);
  CHECK(weekday(*parse_date("2026-01-05")) == 0);  // a Monday
  CHECK(weekday(-1) == 2);                         // 1969-12-31 was a Wednesday
  CHECK(parse_weekdays("Mon") == std::vector<int>{0});
  CHECK(parse_weekdays("tue-Thursday") == std::vector<int>{1, 2, 3});
  CHECK(parse_weekdays("Sat-Mon") == std::vector<int>{5, 6, 0});
  for (const char* text : {"", "-", "Mo", "Monkey", "Mon-", "-Mon", "Mon-Wed-Fri", "Mon Tue"}) CHECK(parse_weekdays(text).empty());
  CHECK(parse_time("1970-01-02") == 86400);
  CHECK(parse_time("1970-01-02 09:30") == 86400 + 34200);
  CHECK(parse_time("1970-01-01T00:00:07") == 7);
  for (const char* text : {"", "1970-01-32", "1970-01-02 9:30", "1970-01-02 24:00", "1970-01-02 09:30:", "1970-01-02 09:30:99"})
    CHECK_FALSE(parse_time(text).has_value());
  for (const char* text : {"2026-02-29", "2026-13-01", "2026-1-5", "26-01-05", "2026/01/05", "2026-01-05 ", "2026-0a-05", ""}) {
    INFO(text);
    CHECK_FALSE(parse_date(text).has_value());
  }
  CHECK(parse_date("2024-02-29").has_value());
  CHECK(format_time(20458, 0) == "2026-01-05T00:00:00");
  CHECK(format_time(20458, 86400 * 31 + 3661.25) == "2026-02-05T01:01:01.250");
  CHECK(format_time(20458, 86399.9999999) == "2026-01-06T00:00:00");
  CHECK(format_time(20458, -1) == "2026-01-04T23:59:59");
  CHECK(format_duration(2 * 86400 + 3 * 3600 + 4 * 60 + 5) == "2 d 03:04:05");
  CHECK(format_duration(3661) == "01:01:01");
  CHECK(format_duration(12.5) == "12.5 s");
  CHECK(format_duration(-3661) == "-01:01:01");
  CHECK_NOTHROW(format_duration(INFINITY));
  CHECK_NOTHROW(format_time(0, NAN));
}

}  // namespace retwin::units_test
