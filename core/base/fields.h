// Names the members of a struct once, for writing it as JSON and for reading it back
// (json_codec.h):
//
//   struct Point {
//     double x = 0;
//     std::optional<std::string> label;
//     static constexpr auto fields() {
//       return std::tuple{field("x", &Point::x), field("label", &Point::label)};
//     }
//   };
#pragma once

#include <tuple>

namespace runledger::core {

template <typename Owner, typename Member>
struct Field {
  const char* name;
  Member Owner::*member;
  bool leave_out_default;
};

// Always written, unless it is an empty optional; missing in what is read it is an error, unless it
// is an optional.
template <typename Owner, typename Member>
constexpr Field<Owner, Member> field(const char* name, Member Owner::*member) {
  return {name, member, false};
}

// Left out while it has the value of a new object; missing it is that value.
template <typename Owner, typename Member>
constexpr Field<Owner, Member> extra(const char* name, Member Owner::*member) {
  return {name, member, true};
}

}  // namespace runledger::core
