#pragma once

#include <wrl/client.h>

#include <utility>

namespace wsb::com {

/// Makes a COM object whose constructor leaves it with one reference, and owns that one.
///
/// In place of ComPtr::Attach, which in mingw-w64's wrl/client.h adds a reference of its own, so
/// that the object is never released; the Windows SDK's does not.
template <typename Interface, typename Object, typename... Arguments>
[[nodiscard]] Microsoft::WRL::ComPtr<Interface> MakeObject(Arguments&&... arguments) {
    Microsoft::WRL::ComPtr<Interface> object;
    *object.GetAddressOf() = new Object{std::forward<Arguments>(arguments)...};
    return object;
}

}  // namespace wsb::com
