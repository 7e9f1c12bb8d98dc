#pragma once

#include <windows.h>

#include <cstdint>
#include <string>
#include <vector>

namespace wsb::win {

/// The code pages of texts that console programs write to a pipe.
struct CodePages {
    /// That of this process's console; 0 without a console.
    UINT console;
    /// That of a new console.
    UINT oem;
};

CodePages ReadCodePages();

/// Decodes a text of a code page. Bytes that are no text of it become replacement characters.
/// @exception HresultError for a code page that Windows does not have.
std::wstring DecodeText(UINT code_page, const std::vector<uint8_t>& bytes);

}  // namespace wsb::win
