#pragma once

#include <windows.h>

#include <exception>
#include <string>

namespace wsb::win {

/// The failure of a Windows call: its code and the function's name.
class HresultError : public std::exception {
  public:
    HresultError(HRESULT code, const char* api) noexcept : m_code(code), m_api(api) {}

    [[nodiscard]] HRESULT code() const noexcept { return m_code; }
    [[nodiscard]] const char* api() const noexcept { return m_api; }
    [[nodiscard]] const char* what() const noexcept override { return m_api; }

  private:
    HRESULT m_code;
    const char* m_api;  // a string literal
};

/// Throws HresultError with GetLastError(). Call it before other calls change the last error.
[[noreturn]] void ThrowLastError(const char* api);

/// Throws HresultError when `status` is not ERROR_SUCCESS.
void ThrowIfError(LSTATUS status, const char* api);

/// Throws HresultError when `result` is a failure code.
void ThrowIfFailed(HRESULT result, const char* api);

/// Returns the HRESULT of the current exception; for the catch clause at a COM edge.
[[nodiscard]] HRESULT CaughtHresult() noexcept;

/// Returns Windows' own text for `code` without a line end; empty when Windows has none.
[[nodiscard]] std::wstring SystemMessage(HRESULT code);

}  // namespace wsb::win
