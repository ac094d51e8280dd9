// iconv of the system; shares of bytes tell encodings apart.
#include "core/telemetry/tables/encoding.hpp"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "core/base/text.hpp"

namespace retwin {
namespace {

constexpr double most_of_them = 0.6;  // of what is counted: then it is that

unsigned char byte_at(std::string_view text, std::size_t k) { return static_cast<unsigned char>(text[k]); }

/// UTF-16 without a mark has a zero beside nearly every sign of ASCII.
std::string utf16_by_zeros(std::string_view start) {
  std::size_t zeros[2] = {0, 0};
  for (std::size_t k = 0; k < start.size(); ++k) zeros[k % 2] += start[k] == '\0';
  const double half = static_cast<double>(start.size()) / 2;
  for (const int side : {0, 1})
    if (static_cast<double>(zeros[side]) > most_of_them * half && static_cast<double>(zeros[1 - side]) < 0.05 * half) return side == 1 ? "UTF-16LE" : "UTF-16BE";
  return {};
}

/// Whether all bytes above ASCII are pairs of GB18030, most of them common Chinese signs (first level of GB 2312).
bool chinese(std::string_view text) {
  std::size_t pairs = 0, common = 0;
  for (std::size_t k = 0; k + 1 < text.size(); ++k) {
    const unsigned char first = byte_at(text, k), second = byte_at(text, k + 1);
    if (first < 0x80) continue;
    if (first == 0x80 || first == 0xFF || second < 0x30 || second == 0x7F || second == 0xFF) return false;
    ++pairs;
    common += first >= 0xB0 && first <= 0xD7 && second >= 0xA1;
    ++k;
  }
  return pairs > 0 && static_cast<double>(common) > most_of_them * static_cast<double>(pairs);
}

/// Whether most bytes above ASCII are letters of Windows-1251 beside another such.
bool cyrillic(std::string_view text) {
  std::size_t high = 0, in_words = 0;
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (byte_at(text, k) < 0x80) continue;
    ++high;
    const auto letter = [&](std::size_t at) { return at < text.size() && byte_at(text, at) >= 0xC0; };
    in_words += letter(k) && (letter(k + 1) || (k > 0 && letter(k - 1)));
  }
  return static_cast<double>(in_words) > most_of_them * static_cast<double>(high);
}

}  // namespace

std::string encoding_of(std::string_view start) {
  if (start.starts_with("\xFF\xFE")) return "UTF-16LE";
  if (start.starts_with("\xFE\xFF")) return "UTF-16BE";
  if (start.find('\0') != std::string_view::npos) return utf16_by_zeros(start);
  const std::string_view whole = start.substr(0, std::min(start.size(), start.rfind('\n') + 1));  // the last line may break off
  const std::string_view looked = whole.empty() ? start : whole;
  if (invalid_utf8(looked) == std::string_view::npos) return "UTF-8";
  return chinese(looked) ? "GB18030" : cyrillic(looked) ? "WINDOWS-1251" : "WINDOWS-1252";
}

struct Decoder::Handle {
  iconv_t converter;
  std::string left;  // bytes of a sign that broke off
  explicit Handle(const std::string& encoding) : converter(iconv_open("UTF-8", encoding.c_str())) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  bool usable() const { return converter != reinterpret_cast<iconv_t>(-1); }
  ~Handle() {
    if (usable()) iconv_close(converter);
  }
};

Decoder::Decoder(const std::string& encoding) : handle_(std::make_unique<Handle>(encoding)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

bool Decoder::decode(std::string_view piece, std::string& to) {
  if (!handle_->usable()) return false;
  std::string& left = handle_->left;
  left.append(piece);
  char* in = left.data();
  std::size_t in_left = left.size();
  char out[1 << 14];
  while (in_left > 0) {
    char* at = out;
    std::size_t room = sizeof out;
    const std::size_t done = iconv(handle_->converter, &in, &in_left, &at, &room);
    const int error = errno;
    to.append(out, at);
    if (done == static_cast<std::size_t>(-1) && error == EILSEQ) return false;
    if (done == static_cast<std::size_t>(-1) && error == EINVAL) break;  // the rest comes with the next piece
  }
  left.erase(0, left.size() - in_left);
  return true;
}

}  // namespace retwin
