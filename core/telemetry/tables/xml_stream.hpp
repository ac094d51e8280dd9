// XML as a stream of tags, however long the file: elements and attributes by their names without namespaces.
#pragma once
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/problem.hpp"
#include "core/telemetry/tables/text_stream.hpp"

struct XML_ParserStruct;

namespace retwin {

/// Reads a file, plain or gzip; who derives from it hears of its tags. What these throw ends the reading.
class XmlStream {
 public:
  /// @param what the file is, in hints: "event log" @throws InputError (file)
  XmlStream(const std::string& path, std::string what);
  virtual ~XmlStream();
  XmlStream(const XmlStream&) = delete;
  XmlStream& operator=(const XmlStream&) = delete;
  /// To the end. @throws InputError: file; syntax (not well-formed, entities); nesting, too_large
  void read_tags();

 protected:
  /// @param attributes names and values, one after another, until a null; see attribute()
  virtual void open(const char* name, const char** attributes) = 0;
  virtual void close(const char* name) = 0;
  virtual void text(std::string_view) {}
  int depth() const { return depth_; }  ///< of the tag that is opened or closed, from 1
  int line() const;
  static const char* local(const char* name);
  static std::string_view attribute(const char** attributes, std::string_view name);  ///< empty if it is not there
  [[noreturn]] void refuse(Code code, std::string message, std::string hint, bool whole_file = false) const;

 private:
  template <class Action>
  void guarded(Action&& action);
  [[noreturn]] void fail() const;
  std::string path_, what_;
  ByteSource source_;
  std::unique_ptr<XML_ParserStruct, void (*)(XML_ParserStruct*)> parser_;
  std::exception_ptr thrown_;
  long long fed_ = 0;
  int depth_ = 0;
};

}  // namespace retwin
