// Files that take the place of others: mode, links, rights, sets, and what stays behind.
#include <doctest/doctest.h>

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <set>

#include "core/base/files.hpp"
#include "core/base/sqlite_file.hpp"
#include "core/base/threads.hpp"

namespace retwin::replacement_test {
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("retwin_replacement_test_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& entry : fs::directory_iterator(path)) all.insert(entry.path().filename().string());
    return all;
  }
};

std::string content(const std::string& path) {
  Problems problems;
  return read_file(path, 1 << 20, problems).value_or("(none)");
}

Code code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.problems().at(0).code;
  }
  return Code::syntax;  // which no file gives
}

/// Runs it in a process of its own, where it may guard files and be ended. @return its exit status
int apart(const std::function<void()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a file that is replaced keeps its mode, and a link what it leads to") {
  const Folder folder;
  write_file(folder / "secret", "old");
  ::chmod((folder / "secret").c_str(), 0600);
  fs::create_symlink("secret", folder / "link");
  fs::create_symlink("link", folder / "chain");
  write_file(folder / "chain", "new");
  CHECK(content(folder / "secret") == "new");
  CHECK(fs::is_symlink(folder / "link"));
  struct stat status {};
  ::stat((folder / "secret").c_str(), &status);
  CHECK((status.st_mode & 07777) == 0600);
  fs::create_symlink("later", folder / "dangling");
  write_file(folder / "dangling", "made");
  CHECK(fs::is_symlink(folder / "dangling"));
  CHECK(content(folder / "later") == "made");
  CHECK(folder.names() == std::set<std::string>{"chain", "dangling", "later", "link", "secret"});
}

TEST_CASE("a file that may not be written is not replaced") {
  const Folder folder;
  write_file(folder / "locked", "old");
  ::chmod((folder / "locked").c_str(), 0444);
  CHECK(code_of([&] { write_file(folder / "locked", "new"); }) == Code::file);
  CHECK(content(folder / "locked") == "old");
  CHECK(code_of([] { write_file("", "x"); }) == Code::file);
}

TEST_CASE("long names and what a killed run left are no obstacle") {
  const Folder folder;
  const std::string name(250, 'n');
  write_file(folder / name.c_str(), "x");
  CHECK(folder.names() == std::set<std::string>{name});
}

TEST_CASE("files of a set get their names together, or none does") {
  const Folder folder;
  write_file(folder / "main", "old");
  {
    FileSet set;
    write_file(folder / "table", "new");
    {
      FileSet inner;
      write_file(folder / "main", "new");
      inner.commit();  // is left to the outer one
    }
    SqliteFile database(folder / "data.sqlite", SqliteFile::Mode::write);
    database.run("CREATE TABLE t (x)");
    database.commit();
    CHECK(content(folder / "main") == "old");
    CHECK_FALSE(fs::exists(folder / "table"));
    CHECK_FALSE(fs::exists(folder / "data.sqlite"));
  }  // given up
  CHECK(folder.names() == std::set<std::string>{"main"});
  FileSet set;
  write_file(folder / "table", "new");
  write_file(folder / "main", "new");
  set.commit();
  CHECK(content(folder / "main") == "new");
  CHECK(folder.names() == std::set<std::string>{"main", "table"});
}

TEST_CASE("what a command has read it does not overwrite, under whatever name") {
  const Folder folder;
  write_file(folder / "input", "in");
  fs::create_hard_link(folder / "input", folder / "hard");
  fs::create_symlink("input", folder / "soft");
  const auto wrong = [&] {
    int times = 0;
    content(folder / "input");
    for (const char* name : {"input", "hard", "soft"})
      times += code_of([&] { write_file(folder / name, "out"); }) != Code::conflict;
    return times;
  };
  CHECK(apart([&] { guard_files(), ::_exit(wrong()); }) == 0);
  CHECK(content(folder / "input") == "in");
  CHECK(apart([&] { ::_exit(wrong()); }) == 3);  // a session is not guarded, and control: they would be overwritten
}

TEST_CASE("what the files of a set were made from is not overwritten, guarded or not") {
  const Folder folder;
  write_file(folder / "log", "in");
  fs::create_symlink("log", folder / "soft");
  {
    FileSet outer;
    FileSet set({folder / "log"});
    CHECK(code_of([&] { write_file(folder / "soft", "out"); }) == Code::conflict);
    write_file(folder / "other", "out");
    set.commit();
    outer.commit();
  }
  CHECK(content(folder / "log") == "in");
  CHECK(content(folder / "other") == "out");
  write_file(folder / "log", "later");
  CHECK(content(folder / "log") == "later");
}

TEST_CASE("temporary files can be removed at any moment, those of databases too") {
  const Folder folder;
  const auto write = [&] {
    const AtomicFile file(folder / "a");
    const SqliteFile database(folder / "b.sqlite", SqliteFile::Mode::write);
    database.path();
    remove_temporaries();
    ::_exit(static_cast<int>(folder.names().size()));
  };
  CHECK(apart([&] { guard_files(), write(); }) == 0);
  CHECK(apart(write) == 2);  // control: not listed, they stay
}

TEST_CASE("a database that does not fit leaves no journal") {
  const Folder folder;
  const auto fill = [&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 16, 1 << 16};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Code code = code_of([&] {
      SqliteFile database(folder / "b.sqlite", SqliteFile::Mode::write);
      database.run("CREATE TABLE t (x)");
      for (int k = 0; k < 100; ++k) {
        SqliteStatement insert = database.prepare("INSERT INTO t VALUES (?)");
        insert.bind(0, std::string(1 << 16, 'x')).run();
      }
      database.commit();
    });
    ::_exit(code == Code::file ? 0 : 1);
  };
  CHECK(apart(fill) == 0);
  CHECK(folder.names().empty());
}

TEST_CASE("work goes on where no thread can be made") {
  std::atomic<int> workers{0};
  on_threads(4, [&] { ++workers; });
  CHECK(workers == 4);
  CHECK(apart([] {
          pthread_attr_t huge;
          ::pthread_attr_init(&huge);
          ::pthread_attr_setstacksize(&huge, std::size_t{1} << 47);  // there is no room for such a stack
          ::pthread_setattr_default_np(&huge);
          std::atomic<int> done{0};
          on_threads(64, [&] { ++done; });
          ::_exit(done == 1 ? 0 : 1);
        }) == 0);
}

}  // namespace retwin::replacement_test
