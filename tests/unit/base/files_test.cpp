// Files: limits, atomic writing, CSV both ways, checksums, UTF-8.
#include <doctest/doctest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "core/base/files.hpp"

namespace retwin::files_test {
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("retwin_files_test_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

std::string codes(const Problems& problems) {
  std::string out;
  for (const Problem& p : problems.all())
    out += (out.empty() ? "" : " ") + std::string(code_name(p.code)) + "@" + std::to_string(p.place.line);
  return out;
}

/// Rows of a CSV text, cells joined by '|', rows by '\n'.
std::string rows(std::string text, Problems& problems, char delimiter = ',') {
  CsvReader reader = CsvReader::from_text(std::move(text), "t.csv", problems, delimiter);
  std::string out;
  while (reader.next()) {
    for (const std::string& cell : reader.row()) out += cell + "|";
    out += '\n';
  }
  return out;
}

}  // namespace

TEST_CASE("files are read up to a limit") {
  const Folder folder;
  write_file(folder / "a.txt", "12345");
  Problems problems;
  CHECK(read_file(folder / "a.txt", 5, problems) == "12345");
  CHECK_FALSE(read_file(folder / "a.txt", 4, problems).has_value());
  CHECK_FALSE(read_file(folder / "none.txt", 4, problems).has_value());
  CHECK_FALSE(read_file(folder.path.string(), 4, problems).has_value());
  CHECK_FALSE(read_file("/dev/zero", 1 << 20, problems).has_value());  // endless, and no size to look at
  CHECK_FALSE(read_file(std::string("a\0b", 3), 4, problems).has_value());
  CHECK(codes(problems) == "too-large@0 file@0 file@0 too-large@0 file@0");
}

TEST_CASE("files appear whole or not at all") {
  const Folder folder;
  const std::string path = folder / "deep/er/b.txt";
  write_file(path, "old");
  CHECK_THROWS_AS(write_file(folder.path.string(), "x"), InputError);
  CHECK_THROWS_AS(write_file(path + "/below_a_file", "x"), InputError);
  {
    AtomicFile file(path);
    file.write("half");
  }  // given up
  Problems problems;
  CHECK(read_file(path, 100, problems) == "old");
  write_file(path, "new");
  CHECK(read_file(path, 100, problems) == "new");
  CHECK(std::distance(fs::directory_iterator(fs::path(path).parent_path()), fs::directory_iterator()) ==
        1);  // no temporary file left
  write_file("/dev/null", "x");
  CHECK(fs::is_character_file("/dev/null"));  // written to, not replaced
}

TEST_CASE("CSV is quoted where needed and numbers read back as they were") {
  CsvWriter csv({"name", "value [kg/h]"});
  csv.cell("plain").cell(0.1).end_row();
  csv.cell("comma, \"quote\"\nline").cell(std::int64_t{-3}).end_row();
  CHECK(csv.text() == "name,value [kg/h]\nplain,0.1\n\"comma, \"\"quote\"\"\nline\",-3\n");
  CHECK(csv.take().size() > 10);
  CHECK(csv.text().empty());
  csv.cell("one");
  CHECK_THROWS_AS(csv.end_row(), CheckError);
  for (const double value : {1.0 / 3, 1e300, 5e-324, -0.0, 123456789.123456789, std::numeric_limits<double>::max()}) {
    CHECK(std::stod(number_text(value) == "5e-324" ? "0" : number_text(value)) == (value == 5e-324 ? 0 : value));
  }
}

TEST_CASE("CSV reads what it wrote") {
  const char* cells[] = {"", " ", "a,b", "\"", "line\nbreak", "\r\n", "站", "'", "x\"y\"z"};
  CsvWriter csv({"a", "b"});
  for (const char* cell : cells) csv.cell(cell).cell("x").end_row();
  Problems problems;
  CsvReader reader = CsvReader::from_text(csv.text(), "t.csv", problems);
  for (const char* cell : cells) {
    REQUIRE(reader.next());
    CHECK(reader.cell(0) == cell);
  }
  CHECK_FALSE(reader.next());
  CHECK(problems.all().empty());
  CsvWriter single({"only"});
  single.cell("").end_row();
  CHECK(rows(single.text(), problems) == "|\n");
}

TEST_CASE("CSV dialects: line ends, byte order mark, delimiters, blank lines, no last line end") {
  Problems problems;
  CHECK(rows("a,b\r\n1,2\r\n3,4", problems) == "1|2|\n3|4|\n");
  CHECK(rows("\xEF\xBB\xBFonly\n1\n\n\n2\n", problems) == "1|\n2|\n");
  CHECK(rows("a;b\n1,5;2\n", problems, ';') == "1,5|2|\n");
  CHECK(rows("a\r1\r2\r", problems) == "1|\n2|\n");
  CHECK(rows("a,b\n,\n", problems) == "||\n");
  CHECK(problems.all().empty());
  CsvReader reader = CsvReader::from_text("\xEF\xBC\x88x,time\n1,2\n", "t.csv", problems);
  CHECK(reader.columns()[0] == "\xEF\xBC\x88x");  // begins like a byte order mark, but is a letter
  CHECK(reader.column("time") == 1);
  CHECK(reader.column("none") == -1);
}

TEST_CASE("CSV cells know their places") {
  Problems problems;
  CsvReader reader = CsvReader::from_text("a,b\n1,2\n\"x\ny\",3\n4,5\n", "t.csv", problems);
  REQUIRE(reader.next());
  CHECK(reader.line() == 2);
  CHECK(reader.place(1).column == 3);
  REQUIRE(reader.next());
  CHECK(reader.line() == 3);
  CHECK(reader.place(1).line == 4);
  REQUIRE(reader.next());
  CHECK(reader.line() == 5);
  CHECK(reader.place(0).file == "t.csv");
}

TEST_CASE("broken CSV is reported row by row and skipped") {
  const auto found = [](std::string text) {
    Problems problems;
    const std::string read = rows(std::move(text), problems);
    return codes(problems) + "/" + read;
  };
  CHECK(found("a,b\n1\n2,3\n4,5,6\n") == "trace@2 trace@4/2|3|\n");
  CHECK(found("a,b\n\"1,2\n3,4\n") == "trace@2/");
  CHECK(found("a,b\n\"1\"x,2\n3,4\n") == "trace@2/3|4|\n");
  CHECK(found("a,b\n\xff,2\n3,4\n") == "encoding@2/3|4|\n");
  CHECK(found("") == "trace@1/");
  CHECK(found("\n\n") == "trace@1/");
  CHECK(found("a\n" + std::string(3 << 20, 'x') + "\n1\n") == "trace@2/1|\n");
  Problems problems;
  std::string many = "a,b\n";
  for (int i = 0; i < 1000; ++i) many += "1\n";
  CHECK(rows(many, problems).empty());
  CHECK(problems.all().size() == 20);
  Problems missing;
  CsvReader reader("/nonexistent/x.csv", missing);
  CHECK_FALSE(reader.next());
  CHECK(codes(missing) == "file@0");
}

TEST_CASE("SHA-256 of the standard's examples") {  // FIPS 180-2, appendix B.1; the empty text
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("UTF-8 is checked byte by byte") {
  constexpr std::size_t fine = std::string_view::npos;
  CHECK(invalid_utf8("plain é 站 \xF0\x9F\x94\x8B") == fine);
  CHECK(invalid_utf8(std::string_view("a\0b", 3)) == 1);
  CHECK(invalid_utf8("ab\xff") == 2);
  CHECK(invalid_utf8("a\x80") == 1);
  CHECK(invalid_utf8("\xC0\x80") == 0);          // overlong
  CHECK(invalid_utf8("\xE0\x80\x80") == 0);      // overlong
  CHECK(invalid_utf8("\xED\xA0\x80") == 0);      // surrogate
  CHECK(invalid_utf8("\xF4\x90\x80\x80") == 0);  // above U+10FFFF
  CHECK(invalid_utf8("\xE7\xAB") == 0);          // cut off
}

}  // namespace retwin::files_test
