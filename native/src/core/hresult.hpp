#pragma once

#include <cstdint>
#include <type_traits>

namespace wsb {

/// Windows' HRESULT: the same type on Windows, 32 bits wide everywhere.
using Hresult = std::conditional_t<sizeof(long) == sizeof(int32_t), long, int32_t>;

// winerror.h; win/hresult.cpp checks these values against it.
inline constexpr auto kUnexpected = static_cast<Hresult>(0x8000FFFF);
inline constexpr auto kDisconnected = static_cast<Hresult>(0x80010108);
inline constexpr auto kTimedOut = static_cast<Hresult>(0x800705B4);

// wsbapperror.h of current SDKs; the first SDKs had 0x407A0004.
inline constexpr Hresult kAsyncInProgress = 0x007A0004;

}  // namespace wsb
