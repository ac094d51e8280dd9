// Temporary names are drawn, so that neither a constant process number nor what a killed run left is in the way.
#include "core/base/replacement.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace retwin {
namespace fs = std::filesystem;
namespace {

thread_local FileSet* current = nullptr;

std::string message_of(int error) { return std::generic_category().message(error); }

Problem problem(Code code, const std::string& path, std::string message, std::string hint = {}) {
  Place place;
  place.file = path;
  return {code, Severity::error, std::move(place), {}, std::move(message), std::move(hint)};
}

/// Where a chain of symbolic links ends, whether something is there or not.
std::string followed(const std::string& path) {
  fs::path at(path);
  std::error_code error;
  for (int links = 0; links < 40 && fs::is_symlink(at, error); ++links) at = at.parent_path() / fs::read_symlink(at, error);
  return at.string();
}

std::string drawn() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) bits = static_cast<std::uint64_t>(::getpid());
  return fmt::format("{:016x}", bits);
}

/// Beside the target, so that it can be renamed; the longest name of a file is 255 bytes.
std::string temporary_beside(const std::string& target) {
  const fs::path path(target);
  return (path.parent_path() / fmt::format("{}.{}.tmp", path.filename().string().substr(0, 230), drawn())).string();
}

/// Opens a new file with the mode and the owner of the one that it will replace. @return its descriptor, negative if it cannot be
int open_new(const std::string& name, const struct stat* old) {
  const mode_t mode = old == nullptr ? 0666 : old->st_mode & 0777;
  const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0 || old == nullptr) return descriptor;
  if (old->st_uid != ::geteuid() || old->st_gid != ::getegid()) {
    [[maybe_unused]] const int ignored = ::fchown(descriptor, old->st_uid, old->st_gid);  // only the superuser may
  }
  ::fchmod(descriptor, old->st_mode & 07777);
  return descriptor;
}

void sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // the file is there; only its name may be lost with the power
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Signals wait while files get their names.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsWait() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

std::optional<Problem> refusal_to_replace(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;  // nothing there
  if (S_ISDIR(status.st_mode)) return problem(Code::file, path, "cannot write here: this is a folder", "name a file");
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  if (is_input(path) || FileSet::made_from(path))
    return problem(Code::conflict, path, "this file was read for what is to be written, which would overwrite it", "name another file");
  const bool locked = (status.st_mode & 0222) == 0;  // root may write it all the same, but did not mean to
  if (locked || ::access(path.c_str(), W_OK) != 0)
    return problem(Code::file, path, "cannot write here: " + message_of(locked ? EACCES : errno), "name another file, or make this one writable");
  return std::nullopt;
}

Replacement::Replacement(std::string path) : path_(std::move(path)), target_(followed(path_)) {
  if (path_.empty()) fail(message_of(ENOENT));
  if (auto refusal = refusal_to_replace(target_)) {
    refusal->place.file = path_;
    throw InputError({std::move(*refusal)});
  }
  std::error_code error;
  const fs::path target(target_);
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
  struct stat old {};
  const bool there = ::stat(target_.c_str(), &old) == 0;
  if (there && !S_ISREG(old.st_mode)) return;
  std::string temporary = temporary_beside(target_);
  listed_.emplace(temporary);
  const int descriptor = open_new(temporary, there ? &old : nullptr);
  if (descriptor < 0) fail(message_of(errno));
  ::close(descriptor);
  temporary_ = std::move(temporary);
}

Replacement::~Replacement() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void Replacement::fail(const std::string& why) const {
  throw InputError({problem(Code::file, path_, fmt::format("cannot write {}: {}", path_, why))});
}

void Replacement::sync() const {
  const int descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) fail(message_of(error));
}

void Replacement::take_place() {
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail(message_of(errno));
  temporary_.clear();
  listed_.reset();
}

void Replacement::complete(std::unique_ptr<Replacement> file) {
  if (file->direct()) return;
  file->sync();
  FileSet alone;
  current->complete_.push_back(std::move(file));
  alone.commit();
}

FileSet::FileSet(std::vector<std::string> made_from)
    : outer_(std::exchange(current, current == nullptr ? this : current)), made_from_(std::move(made_from)) {
  if (outer_ != nullptr) outer_->made_from_.insert(outer_->made_from_.end(), made_from_.begin(), made_from_.end());
}

bool FileSet::made_from(const std::string& path) {
  return current != nullptr && std::any_of(current->made_from_.begin(), current->made_from_.end(), [&](const std::string& input) {
           std::error_code ignored;
           return fs::equivalent(path, input, ignored);
         });
}

FileSet::~FileSet() {
  if (current == this) current = nullptr;
}

void FileSet::commit() {
  if (outer_ != nullptr) return;
  std::set<std::string> folders;
  const SignalsWait wait;
  for (const std::unique_ptr<Replacement>& file : complete_) {
    file->take_place();
    folders.insert(fs::path(file->target_).parent_path().string());
  }
  complete_.clear();
  for (const std::string& folder : folders) sync_folder(folder);
}

}  // namespace retwin
