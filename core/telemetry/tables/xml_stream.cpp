// Expat, with limits.
#include "core/telemetry/tables/xml_stream.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <cstring>
#include <new>
#include <utility>

namespace retwin {
namespace {

constexpr int parsed_block = 1 << 18;
constexpr int deepest = 1000;
constexpr long long longest_token = 1 << 24;

}  // namespace

XmlStream::XmlStream(const std::string& path, std::string what)
    : path_(path), what_(std::move(what)), source_(path), parser_(XML_ParserCreate(nullptr), &XML_ParserFree) {
  XML_SetUserData(parser_.get(), this);
  XML_SetElementHandler(
      parser_.get(),
      [](void* self, const char* name, const char** attributes) {
        static_cast<XmlStream*>(self)->guarded([&](XmlStream& s) {
          if (++s.depth_ > deepest) s.refuse(Code::nesting, fmt::format("more than {} levels of tags", deepest), "this is no " + s.what_);
          s.open(local(name), attributes);
        });
      },
      [](void* self, const char* name) {
        static_cast<XmlStream*>(self)->guarded([&](XmlStream& s) {
          s.close(local(name));
          --s.depth_;
        });
      });
  XML_SetCharacterDataHandler(parser_.get(), [](void* self, const char* text, int length) {
    static_cast<XmlStream*>(self)->guarded([&](XmlStream& s) { s.text({text, static_cast<std::size_t>(length)}); });
  });
  XML_SetEntityDeclHandler(
      parser_.get(), [](void* self, const char*, int, const char*, int, const char*, const char*, const char*, const char*) {
        static_cast<XmlStream*>(self)->guarded([](XmlStream& s) {
          s.refuse(Code::syntax, "the file declares entities", fmt::format("an {} needs none: write them out", s.what_));
        });
      });
}

XmlStream::~XmlStream() = default;

void XmlStream::read_tags() {
  for (bool more = true; more;) {
    void* buffer = XML_GetBuffer(parser_.get(), parsed_block);
    if (buffer == nullptr) throw std::bad_alloc();
    const std::size_t n = source_.read(static_cast<char*>(buffer), parsed_block);
    more = n > 0;
    fed_ += static_cast<long long>(n);
    if (XML_ParseBuffer(parser_.get(), static_cast<int>(n), more ? 0 : 1) == XML_STATUS_ERROR) fail();
    if (fed_ - XML_GetCurrentByteIndex(parser_.get()) > longest_token)
      refuse(Code::too_large, "a single tag or text of more than 16 MB", "this is no " + what_);
  }
}

const char* XmlStream::local(const char* name) {
  const char* colon = std::strrchr(name, ':');
  return colon == nullptr ? name : colon + 1;
}

std::string_view XmlStream::attribute(const char** attributes, std::string_view name) {
  for (; *attributes != nullptr; attributes += 2)
    if (local(attributes[0]) == name) return attributes[1];
  return {};
}

int XmlStream::line() const { return static_cast<int>(XML_GetCurrentLineNumber(parser_.get())); }

/// Nothing may be thrown through the parser: it is stopped, and what was thrown goes on afterwards.
template <class Action>
void XmlStream::guarded(Action&& action) {
  if (thrown_) return;
  try {
    action(*this);
  } catch (...) {
    thrown_ = std::current_exception();
    XML_StopParser(parser_.get(), XML_FALSE);
  }
}

void XmlStream::refuse(Code code, std::string message, std::string hint, bool whole_file) const {
  Place place;
  place.file = path_;
  if (!whole_file) {
    place.line = line();
    place.column = static_cast<int>(XML_GetCurrentColumnNumber(parser_.get())) + 1;
  }
  throw InputError({{code, Severity::error, std::move(place), {}, std::move(message), std::move(hint)}});
}

void XmlStream::fail() const {
  if (thrown_) std::rethrow_exception(thrown_);
  refuse(Code::syntax, fmt::format("not well-formed XML: {}", XML_ErrorString(XML_GetErrorCode(parser_.get()))),
         "write the log again with the tool that made it; a gzip file may have been cut off");
}

}  // namespace retwin
