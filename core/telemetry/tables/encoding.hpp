// Encodings of texts: told from the bytes, and turned into UTF-8.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace retwin {

/// What the beginning of a text is encoded in, as iconv() calls it: "UTF-8" where it is that, or ASCII; UTF-16 by its mark or its zeros;
/// else what its bytes look like - GB18030 where most pairs are common Chinese signs, WINDOWS-1251 where most are Cyrillic letters in
/// words, or WINDOWS-1252. A guess: who uses it says so. Empty: it is no text.
std::string encoding_of(std::string_view start);

/// Turns pieces of a text into UTF-8, one after another.
class Decoder {
 public:
  explicit Decoder(const std::string& encoding);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  /// Appends what can be decoded; the rest waits for the next piece. False where bytes are none of this encoding.
  bool decode(std::string_view piece, std::string& to);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace retwin
