// What fields go with: one that says nothing beside the other fields of its part is told or refused, never ignored.
#pragma once
#include <string>

#include "core/base/fields.hpp"

namespace retwin {

/// A field, as a path within its part, and what must hold of the part for the field to say anything.
template <class Spec>
struct GoesWith {
  const char* field;
  const char* with;  ///< that, in words
  bool (*holds)(const Spec&);
  Severity severity = Severity::error;  ///< a warning for data sheets, whose figures may be of states that never come
};

/// The rules of a specification, for RunSpec, ResourceSpec, AttributeSpec, StationSpec, FailureSpec, SourceSpec, AllocationSpec,
/// AuxiliarySpec; they are in goes_with.cpp. Called when its fields have been read.
template <class Spec>
void check_company(Fields& f, const Spec& spec);
/// The rules as text for `explain`: a line for each, "  field: with".
template <class Spec>
std::string company_of(const std::string& prefix = {});

}  // namespace retwin
