#include <wrl/client.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "measures.hpp"
#include "remote.hpp"
#include "samples.hpp"
#include "win/hresult.hpp"

namespace wsb::bench {
namespace {

using Microsoft::WRL::ComPtr;

constexpr wchar_t kComponent[] = L"bench";
// JavaScript gets faster during its first calls.
constexpr int kWarmUps = 5;
constexpr double kWarmUpSeconds = 0.3;

/// Returns a writer's document of about `size` bytes in UTF-16.
std::wstring Document(size_t size) {
    std::wstring text = L"<WRITER_METADATA>";
    while (text.size() * sizeof(wchar_t) < size) {
        text += L"<FILE_LIST path=\"C:\\Ledger\" filespec=\"*.dat\" recursive=\"yes\"/>";
    }
    return text.substr(0, size / sizeof(wchar_t));
}

std::vector<double> Times(size_t count, const std::function<void()>& work) {
    std::vector<double> times;
    for (size_t index = 0; index < count; ++index) {
        times.push_back(Microseconds(work));
    }
    return times;
}

/// Measures `work` on both sides after a few warm-up runs.
template <typename Work>
void MeasurePair(const Request& request, size_t callsPerRound, const Work& work) {
    const Remote ours = Activate(request.ours);
    const Remote peer = Activate(request.peer);
    const auto onOurs = [&] { work(ours); };
    const auto onPeer = [&] { work(peer); };
    const double warm = Now() + kWarmUpSeconds;
    for (int count = 0; count < kWarmUps || Now() < warm; ++count) {
        onOurs();
        onPeer();
    }
    Print(Alternate(
        request.rounds, [&] { return Times(callsPerRound, onOurs); },
        [&] { return Times(callsPerRound, onPeer); }));
}

void FreeStrings(LPWSTR* strings, size_t count) {
    for (size_t index = 0; strings != nullptr && index < count; ++index) {
        ::CoTaskMemFree(strings[index]);
    }
    ::CoTaskMemFree(strings);
}

ComPtr<com::IWsbApplicationAsync> StartCheck(const Remote& remote) {
    ComPtr<com::IWsbApplicationAsync> check;
    win::ThrowIfFailed(remote.backup->CheckConsistency(nullptr, nullptr, nullptr, 0, nullptr,
                                                       nullptr, check.GetAddressOf()),
                       "CheckConsistency");
    return check;
}

std::vector<double> StatusTimes(com::IWsbApplicationAsync* check, size_t count) {
    return Times(count, [check] {
        HRESULT status = S_OK;
        win::ThrowIfFailed(check->QueryStatus(&status), "QueryStatus");
    });
}

}  // namespace

void MeasureCall(const Request& request) {
    MeasurePair(request, request.size,
                [](const Remote& remote) { PreRestore(remote, nullptr, kComponent); });
}

void MeasureQuestion(const Request& request) {
    MeasurePair(request, request.size, [](const Remote& remote) {
        BOOLEAN supported = FALSE;
        win::ThrowIfFailed(remote.restore->IsRollForwardSupported(&supported),
                           "IsRollForwardSupported");
    });
}

void MeasureMetadata(const Request& request) {
    const std::wstring document = Document(request.size);
    MeasurePair(request, 1,
                [&](const Remote& remote) { PreRestore(remote, document.c_str(), kComponent); });
}

void MeasureOrder(const Request& request) {
    std::vector<std::wstring> texts;
    for (size_t index = 0; index < request.size; ++index) {
        texts.push_back(L"component " + std::to_wstring(index));
    }
    std::vector<LPWSTR> names(texts.size());
    std::ranges::transform(texts, names.begin(), [](std::wstring& text) { return text.data(); });
    MeasurePair(request, 1, [&](const Remote& remote) {
        LPWSTR* orderedNames = nullptr;
        LPWSTR* orderedPaths = nullptr;
        win::ThrowIfFailed(
            remote.restore->OrderComponents(static_cast<DWORD>(names.size()), names.data(),
                                            names.data(), &orderedNames, &orderedPaths),
            "OrderComponents");
        FreeStrings(orderedNames, names.size());
        FreeStrings(orderedPaths, names.size());
    });
}

void MeasureStatus(const Request& request) {
    const auto ours = StartCheck(Activate(request.ours));
    const auto peer = StartCheck(Activate(request.peer));
    static_cast<void>(StatusTimes(ours.Get(), kWarmUps));
    static_cast<void>(StatusTimes(peer.Get(), kWarmUps));
    Print(Alternate(
        request.rounds, [&] { return StatusTimes(ours.Get(), request.size); },
        [&] { return StatusTimes(peer.Get(), request.size); }));
    ours->Abort();
    peer->Abort();
}

void CallOnly(const Request& request) {
    const std::wstring document = Document(request.size);
    const Remote remote = Activate(request.ours);
    for (int count = 0; count < request.rounds; ++count) {
        PreRestore(remote, request.size == 0 ? nullptr : document.c_str(), kComponent);
    }
}

}  // namespace wsb::bench
