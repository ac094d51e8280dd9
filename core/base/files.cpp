// Files: reading with a limit, atomic writing, checksums.
#include "core/base/files.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <system_error>

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
  note_input(path);
  std::string bytes;
  std::array<char, 1 << 16> buffer;
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0;) {
    bytes.append(buffer.data(), n);
    if (bytes.size() > limit_bytes) return too_large();
  }
  if (std::ferror(file.get()) != 0) return refuse(Code::file, fmt::format("cannot read {}: {}", path, reason()));
  return bytes;
}

AtomicFile::AtomicFile(std::string path) : place_(std::make_unique<Replacement>(std::move(path))) {
  file_ = std::fopen(place_->name().c_str(), "wb");
  if (file_ == nullptr) place_->fail(reason());
}

AtomicFile::~AtomicFile() {
  if (file_ != nullptr) std::fclose(file_);
}

void AtomicFile::write(std::string_view bytes) {
  RETWIN_CHECK(file_ != nullptr);
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) place_->fail(reason());
}

void AtomicFile::commit() {
  RETWIN_CHECK(file_ != nullptr);
  if (std::fclose(std::exchange(file_, nullptr)) != 0) place_->fail(reason());
  Replacement::complete(std::move(place_));
}

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

std::string number_text(double value) { return fmt::format("{}", value); }

std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

namespace {

/// A checksum that grows.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    RETWIN_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(std::string_view bytes) { RETWIN_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    RETWIN_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    std::string out;
    for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.hex();
}

std::string sha256_of_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return {};
  Sha256 sum;
  std::vector<char> buffer(1 << 18);
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0;) sum.add({buffer.data(), n});
  return std::ferror(file.get()) != 0 ? std::string() : sum.hex();
}

}  // namespace retwin
