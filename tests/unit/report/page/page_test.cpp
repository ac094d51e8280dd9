// Tests of core/report/page/page: parts are one JSON document that no text can break out of; base64; no page without its frame.
#include "core/report/page/page.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/problem.hpp"

namespace retwin::page_test {
namespace {

constexpr std::string_view frame = "<script type=\"application/json\">@MODEL@</script>";

nlohmann::json model_of(const std::string& html) {
  const std::size_t begin = html.find('>') + 1, end = html.find("</script>");
  return nlohmann::json::parse(html.substr(begin, end - begin));
}

TEST_CASE("what a page says reads back as it was said") {
  const std::string wicked = "</script><b a=\"1\">&amp; \\ \n \xff";
  Page page("run", wicked, "@MODEL@");
  Table table({text_column("name"), number_column("mass", "kg", "of it")});
  table.row({"</script>", 1.5});
  table.row({"<!--", std::numeric_limits<double>::quiet_NaN()});
  page.table("t", "<doc>", table);
  page.table("empty", "", Table({text_column("name")}));
  const std::string html = page.html(frame);
  CHECK(html.find("</script>") == html.rfind("</script>"));
  CHECK(html.find("<!--") == std::string::npos);
  const nlohmann::json model = model_of(html);
  CHECK(model["title"] == "</script><b a=\"1\">&amp; \\ \n \xef\xbf\xbd");
  CHECK(model["heading"] == "@MODEL@");
  REQUIRE(model["tables"].size() == 1);
  CHECK(model["tables"][0]["columns"][1] == nlohmann::json({{"name", "mass"}, {"type", "number"}, {"unit", "kg"}, {"doc", "of it"}}));
  CHECK(model["tables"][0]["rows"] == nlohmann::json::array({{"</script>", 1.5}, {"<!--", nullptr}}));
}

TEST_CASE("without a frame there is no page") {
  CHECK_THROWS_AS(Page("run", "", "").html(""), InputError);
  CHECK_THROWS_AS(Page("run", "", "").html("<html></html>"), InputError);
}

TEST_CASE("base64 as RFC 4648 has it") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64(std::string("\xff\xfe\x00", 3)) == "//4A");
  CHECK(base64_floats(std::vector<double>{1}) == "AACAPw==");
}

}  // namespace
}  // namespace retwin::page_test
