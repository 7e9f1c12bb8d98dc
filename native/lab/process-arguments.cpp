#include "process-arguments.hpp"

#include <windows.h>
#include <shellapi.h>

#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace wsb::lab {

std::vector<std::wstring> ProcessArguments() {
    int count = 0;
    const win::UniqueAny<wchar_t**, ::LocalFree> words{
        ::CommandLineToArgvW(::GetCommandLineW(), &count)};
    if (!words) {
        win::ThrowLastError("CommandLineToArgvW");
    }
    std::vector<std::wstring> arguments;
    for (int i = 1; i < count; ++i) {
        arguments.emplace_back(words.get()[i]);
    }
    return arguments;
}

}  // namespace wsb::lab
