#pragma once

#include <wrl/client.h>

#include <utility>

namespace wsb::com {

/// Makes a COM object whose constructor sets one reference, and returns the owner of that
/// reference.
///
/// Use it instead of ComPtr::Attach: in mingw-w64's wrl/client.h, unlike in the Windows SDK's,
/// Attach adds a reference, so the object would never be released.
template <typename Interface, typename Object, typename... Arguments>
[[nodiscard]] Microsoft::WRL::ComPtr<Interface> MakeObject(Arguments&&... arguments) {
    Microsoft::WRL::ComPtr<Interface> object;
    *object.GetAddressOf() = new Object{std::forward<Arguments>(arguments)...};
    return object;
}

}  // namespace wsb::com
