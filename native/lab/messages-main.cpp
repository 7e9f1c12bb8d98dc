#include <windows.h>

#include <cstdio>
#include <string>
#include <vector>

#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace {

using wsb::win::ThrowLastError;
using UniqueModule = wsb::win::UniqueAny<HMODULE, ::FreeLibrary>;

/// Returns the text of a message with its inserts. Loads the file as data and does not run it.
std::wstring FormatMessageOf(const wchar_t* file, DWORD id, std::vector<DWORD_PTR>& inserts) {
    const UniqueModule module{::LoadLibraryExW(file, nullptr, LOAD_LIBRARY_AS_DATAFILE)};
    if (!module) {
        ThrowLastError("LoadLibraryExW");
    }
    std::wstring text(size_t{32} * 1024, L'\0');
    const DWORD length = ::FormatMessageW(
        FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY, module.get(), id, 0,
        text.data(), static_cast<DWORD>(text.size()), reinterpret_cast<va_list*>(inserts.data()));
    if (length == 0) {
        ThrowLastError("FormatMessageW");
    }
    text.resize(length);
    return text;
}

/// Prints text in UTF-8 with unchanged line breaks.
void Print(const std::wstring& text) {
    std::string bytes(text.size() * 3, '\0');
    const int length =
        ::WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), bytes.data(),
                              static_cast<int>(bytes.size()), nullptr, nullptr);
    DWORD written = 0;
    if (::WriteFile(::GetStdHandle(STD_OUTPUT_HANDLE), bytes.data(), static_cast<DWORD>(length),
                    &written, nullptr) == FALSE) {
        ThrowLastError("WriteFile");
    }
}

}  // namespace

/// Prints a message like Event Viewer: wsb-lab-messages <file> <id, hexadecimal> [insert]...
///
/// The message needs an insert for each of its placeholders.
int wmain(int count, wchar_t** arguments) {
    if (count < 3) {
        return EXIT_FAILURE;
    }
    std::vector<DWORD_PTR> inserts;
    for (int index = 3; index < count; ++index) {
        inserts.push_back(reinterpret_cast<DWORD_PTR>(arguments[index]));
    }
    try {
        const DWORD id = std::wcstoul(arguments[2], nullptr, 16);
        Print(FormatMessageOf(arguments[1], id, inserts));
        return EXIT_SUCCESS;
    } catch (const wsb::win::HresultError& error) {
        std::fprintf(stderr, "%s failed: 0x%08lX\n", error.api(),
                     static_cast<unsigned long>(error.code()));
        return EXIT_FAILURE;
    }
}
