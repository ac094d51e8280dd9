// Files: reading with a limit, atomic writing, checksums, UTF-8.
#include "core/base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace retwin {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::size_t limit_bytes, Problems& problems, const Place& from) {
  Place place = from;
  if (place.file.empty()) place.file = path;
  const auto refuse = [&](Code code, const std::string& message, std::string hint = {}) {
    problems.error(code, place, {}, message, std::move(hint));
    return std::nullopt;
  };
  const auto too_large = [&] { return refuse(Code::too_large, fmt::format("{} is larger than {} bytes", path, limit_bytes)); };
  struct stat status {};
  errno = EINVAL;  // of a name with a NUL in it
  if (path.find('\0') != std::string::npos || ::stat(path.c_str(), &status) != 0) {
    return refuse(Code::file, fmt::format("cannot read {}: {}", path, reason()),
                  "check the name; it is relative to the file that names it");
  }
  if (S_ISDIR(status.st_mode)) return refuse(Code::file, fmt::format("{} is a folder", path));
  if (S_ISREG(status.st_mode) && static_cast<std::uintmax_t>(status.st_size) > limit_bytes) return too_large();
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return refuse(Code::file, fmt::format("cannot read {}: {}", path, reason()));
  std::string bytes;
  std::array<char, 1 << 16> buffer;
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0;) {
    bytes.append(buffer.data(), n);
    if (bytes.size() > limit_bytes) return too_large();
  }
  if (std::ferror(file.get()) != 0) return refuse(Code::file, fmt::format("cannot read {}: {}", path, reason()));
  return bytes;
}

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  static std::atomic<unsigned> counter{0};
  const std::filesystem::path target(path_);
  std::error_code error;
  if (target.has_parent_path()) std::filesystem::create_directories(target.parent_path(), error);
  const auto status = std::filesystem::status(target, error);
  if (std::filesystem::is_directory(status)) {
    errno = EISDIR;
    fail("cannot write");
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    file_ = std::fopen(path_.c_str(), "wb");
  } else {
    temporary_ = fmt::format("{}.{}-{}.tmp", path_, ::getpid(), counter++);
    const int descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) file_ = ::fdopen(descriptor, "wb");
  }
  if (file_ == nullptr) fail("cannot write");
}

AtomicFile::~AtomicFile() { close_and_remove(); }

void AtomicFile::close_and_remove() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  file_ = nullptr;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(const char* what) {
  const std::string message = fmt::format("{} {}: {}", what, path_, reason());
  close_and_remove();
  Place place;
  place.file = path_;
  throw InputError({{Code::file, Severity::error, place, {}, message, {}}});
}

void AtomicFile::write(std::string_view bytes) {
  RETWIN_CHECK(file_ != nullptr);
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail("cannot write");
}

void AtomicFile::commit() {
  RETWIN_CHECK(file_ != nullptr);
  const bool regular = !temporary_.empty();
  if (std::fflush(file_) != 0 || (regular && ::fsync(::fileno(file_)) != 0)) fail("cannot write");
  std::FILE* file = std::exchange(file_, nullptr);
  if (std::fclose(file) != 0) fail("cannot write");
  if (!regular) return;
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary_.c_str());
    errno = error;
    fail("cannot write");
  }
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // the file is there; only its name may be lost with the power
  ::fsync(descriptor);
  ::close(descriptor);
}

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

std::string number_text(double value) { return fmt::format("{}", value); }

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  RETWIN_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
  return out;
}

std::size_t invalid_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    if (lead == 0) return i;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t more = lead >= 0xC2 && lead <= 0xDF ? 1 : (lead & 0xF0) == 0xE0 ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
    bool good = more > 0;
    for (std::size_t k = 1; k <= more; ++k) good = good && (byte(i + k) & 0xC0) == 0x80;
    // no overlong forms, no surrogates, nothing above U+10FFFF
    const unsigned second = byte(i + 1);
    if (lead == 0xE0) good = good && second >= 0xA0;
    if (lead == 0xED) good = good && second <= 0x9F;
    if (lead == 0xF0) good = good && second >= 0x90;
    if (lead == 0xF4) good = good && second <= 0x8F;
    if (!good) return i;
    i += more + 1;
  }
  return std::string_view::npos;
}

}  // namespace retwin
