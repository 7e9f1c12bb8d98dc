#include <windows.h>

#include <objbase.h>

#include <algorithm>
#include <cstdio>
#include <cwchar>
#include <exception>
#include <iterator>
#include <string_view>

#include "measures.hpp"
#include "win/hresult.hpp"

namespace wsb::bench {
namespace {

struct Measure {
    std::wstring_view name;
    void (*run)(const Request& request);
};

constexpr Measure kMeasures[] = {
    {L"call", MeasureCall},         {L"question", MeasureQuestion},
    {L"metadata", MeasureMetadata}, {L"order", MeasureOrder},
    {L"status", MeasureStatus},     {L"cold", MeasureColdStart},
    {L"serving", MeasureServing},   {L"start", MeasureStartBesideProgram},
    {L"warm", MeasureWarmStart},    {L"crowd", MeasureCrowd},
    {L"service", MeasureService},   {L"freeze", MeasureFreeze},
    {L"growth", MeasureGrowth},     {L"only", CallOnly},
};

CLSID ToClsid(const wchar_t* text) {
    CLSID clsid{};
    win::ThrowIfFailed(::CLSIDFromString(text, &clsid), "CLSIDFromString");
    return clsid;
}

int Run(int count, wchar_t** arguments) {
    if (count < 6) {
        std::fputs("usage: wsb-bench-client <measure> <ours> <peer> <rounds> <size> [text]...\n",
                   stderr);
        return 2;
    }
    const auto* const found = std::ranges::find(kMeasures, std::wstring_view{arguments[1]},
                                                [](const Measure& one) { return one.name; });
    if (found == std::end(kMeasures)) {
        return 2;
    }
    win::ThrowIfFailed(::CoInitializeEx(nullptr, COINIT_MULTITHREADED), "CoInitializeEx");
    found->run({ToClsid(arguments[2]), ToClsid(arguments[3]),
                static_cast<int>(std::wcstol(arguments[4], nullptr, 10)),
                std::wcstoul(arguments[5], nullptr, 10), count > 6 ? arguments[6] : L"",
                count > 7 ? arguments[7] : L""});
    return 0;
}

}  // namespace
}  // namespace wsb::bench

/// Measures calls of two COM servers in turn: wsb-bench-client <measure> <ours> <peer> <rounds>
/// <size>
int wmain(int count, wchar_t** arguments) {
    try {
        return wsb::bench::Run(count, arguments);
    } catch (const wsb::win::HresultError& error) {
        std::fprintf(stderr, "%s failed: 0x%08lX\n", error.api(),
                     static_cast<unsigned long>(error.code()));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    return 1;
}
