// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_FUNCTION_REF_HPP
#define GAUS_DETAIL_FUNCTION_REF_HPP

#include <concepts>
#include <memory>
#include <type_traits>

// A reference to anything callable, without a type of its own: a search that takes one is compiled
// once, not once for each lambda.
namespace gaus::detail {

template <class Signature>
class FunctionRef;

/// Calls what it was made from, which must outlive it.
template <class Result, class... Arguments>
class FunctionRef<Result(Arguments...)> {
 public:
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, FunctionRef> &&
           requires(F & f, Arguments... arguments) { f(arguments...); }) FunctionRef(F&& f)
      : object_(address(f)), call_(&call<std::remove_reference_t<F>>) {}

  Result operator()(Arguments... arguments) const { return call_(object_, arguments...); }

 private:
  template <class F>
  static void* address(F& f) {
    if constexpr (std::is_function_v<F>)
      return reinterpret_cast<void*>(&f);
    else
      return const_cast<void*>(static_cast<void const*>(std::addressof(f)));
  }
  template <class F>
  static Result call(void* object, Arguments... arguments) {
    return (*reinterpret_cast<F*>(object))(arguments...);
  }

  void* object_;
  Result (*call_)(void*, Arguments...);
};

/// Asked now and then by whatever takes long: false to stop.
using KeepGoing = FunctionRef<bool()>;

}  // namespace gaus::detail

#endif
