#include "addin-object.hpp"

#include <optional>
#include <utility>

#include "../core/permutation.hpp"
#include "../win/hresult.hpp"
#include "async-operation.hpp"
#include "caller.hpp"
#include "error-info.hpp"
#include "task-memory.hpp"

namespace wsb::com {
namespace {

// The IDL says 0 or 1, but a caller may pass any byte.
bool IsTrue(BOOLEAN value) { return value != FALSE; }

/// Answers for a method of which the interface documents one failure only: a caller may not know
/// another, such as a time-out's. What COM itself returns stays.
HRESULT OnlyFailure(HRESULT hresult, HRESULT own) {
    const bool isOfCom = hresult == RPC_E_DISCONNECTED || hresult == E_OUTOFMEMORY;
    return FAILED(hresult) && !isOfCom ? own : hresult;
}

}  // namespace

AddinObject::AddinObject(AddinInterfaces interfaces, std::shared_ptr<CallSink> sink,
                         ServerUse use) noexcept
    : m_interfaces(interfaces), m_sink(std::move(sink)), m_use(std::move(use)) {}

STDMETHODIMP AddinObject::QueryInterface(REFIID iid, void** result) noexcept {
    if (result == nullptr) {
        return E_POINTER;
    }
    *result = nullptr;
    if (iid == IID_IUnknown || iid == IID_ISupportErrorInfo) {
        *result = static_cast<ISupportErrorInfo*>(this);
    } else if (iid == kIidApplicationRestoreSupport && m_interfaces.restore) {
        *result = static_cast<IWsbApplicationRestoreSupport*>(this);
    } else if (iid == kIidApplicationBackupSupport && m_interfaces.backup) {
        *result = static_cast<IWsbApplicationBackupSupport*>(this);
    } else {
        return E_NOINTERFACE;
    }
    AddRef();
    return S_OK;
}

STDMETHODIMP_(ULONG) AddinObject::AddRef() noexcept { return ++m_references; }

STDMETHODIMP_(ULONG) AddinObject::Release() noexcept {
    const ULONG left = --m_references;
    if (left == 0) {
        delete this;
    }
    return left;
}

STDMETHODIMP AddinObject::InterfaceSupportsErrorInfo(REFIID iid) noexcept {
    return iid == kIidApplicationRestoreSupport || iid == kIidApplicationBackupSupport ? S_OK
                                                                                       : S_FALSE;
}

Reply AddinObject::Dispatch(const Call& call, const IID& interfaceId) {
    Reply reply = m_sink->Dispatch(call, CallerProcessId());
    SetErrorText(interfaceId, FAILED(reply.hresult) ? reply.description : std::wstring{});
    return reply;
}

STDMETHODIMP AddinObject::PreRestore(LPWSTR wszWriterMetadata, LPWSTR wszComponentName,
                                     LPWSTR wszComponentLogicalPath,
                                     BOOLEAN bNoRollForward) noexcept try {
    const Reply reply =
        Dispatch(PreRestoreCall{{wszWriterMetadata, wszComponentName, wszComponentLogicalPath},
                                IsTrue(bNoRollForward)},
                 kIidApplicationRestoreSupport);
    return OnlyFailure(reply.hresult, kPreRestoreFailed);
} catch (...) {
    return OnlyFailure(win::CaughtHresult(), kPreRestoreFailed);
}

STDMETHODIMP AddinObject::PostRestore(LPWSTR wszWriterMetadata, LPWSTR wszComponentName,
                                      LPWSTR wszComponentLogicalPath,
                                      BOOLEAN bNoRollForward) noexcept try {
    const Reply reply =
        Dispatch(PostRestoreCall{{wszWriterMetadata, wszComponentName, wszComponentLogicalPath},
                                 IsTrue(bNoRollForward)},
                 kIidApplicationRestoreSupport);
    return OnlyFailure(reply.hresult, kPostRestoreFailed);
} catch (...) {
    return OnlyFailure(win::CaughtHresult(), kPostRestoreFailed);
}

STDMETHODIMP AddinObject::OrderComponents(DWORD cComponents, LPWSTR* rgComponentName,
                                          LPWSTR* rgComponentLogicalPaths,
                                          LPWSTR** prgComponentName,
                                          LPWSTR** prgComponentLogicalPath) noexcept try {
    if (prgComponentName == nullptr || prgComponentLogicalPath == nullptr) {
        return E_POINTER;
    }
    *prgComponentName = nullptr;
    *prgComponentLogicalPath = nullptr;
    const bool missingArray =
        cComponents > 0 && (rgComponentName == nullptr || rgComponentLogicalPaths == nullptr);
    if (cComponents > kMaxComponents || missingArray) {
        return E_INVALIDARG;
    }
    const Reply reply = Dispatch(
        OrderComponentsCall{{rgComponentName, cComponents}, {rgComponentLogicalPaths, cComponents}},
        kIidApplicationRestoreSupport);
    if (FAILED(reply.hresult) || !reply.order) {
        return reply.hresult;
    }
    // The caller expects exactly the components that it passed.
    if (!IsPermutation(*reply.order, cComponents)) {
        return E_UNEXPECTED;
    }
    TaskStringArray names{cComponents};
    TaskStringArray logicalPaths{cComponents};
    for (size_t index = 0; index < cComponents; ++index) {
        const uint32_t position = (*reply.order)[index];
        names.Set(index, rgComponentName[position]);
        logicalPaths.Set(index, rgComponentLogicalPaths[position]);
    }
    *prgComponentName = names.Detach();
    *prgComponentLogicalPath = logicalPaths.Detach();
    return reply.hresult;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP AddinObject::IsRollForwardSupported(BOOLEAN* pbRollForwardSupported) noexcept try {
    if (pbRollForwardSupported == nullptr) {
        return E_POINTER;
    }
    *pbRollForwardSupported = FALSE;
    const Reply reply = Dispatch(IsRollForwardSupportedCall{}, kIidApplicationRestoreSupport);
    if (SUCCEEDED(reply.hresult)) {
        *pbRollForwardSupported = reply.rollForwardSupported ? TRUE : FALSE;
    }
    return OnlyFailure(reply.hresult, E_FAIL);
} catch (...) {
    return OnlyFailure(win::CaughtHresult(), E_FAIL);
}

STDMETHODIMP AddinObject::CheckConsistency(LPWSTR wszWriterMetadata, LPWSTR wszComponentName,
                                           LPWSTR wszComponentLogicalPath, DWORD cVolumes,
                                           LPWSTR* rgwszSourceVolumePath,
                                           LPWSTR* rgwszSnapshotVolumePath,
                                           IWsbApplicationAsync** ppAsync) noexcept try {
    if (ppAsync == nullptr) {
        return E_POINTER;
    }
    *ppAsync = nullptr;
    if (cVolumes > kMaxVolumes) {
        return E_INVALIDARG;
    }
    // Before the call, so that no check starts whose operation cannot be returned.
    std::optional<ServerUse> use = ServerUse::Begin(m_use.Lifetime());
    if (!use) {
        return RPC_E_DISCONNECTED;
    }
    // Before the call too: while the client waits, its process id cannot be reused.
    std::optional<win::Process> client = OpenCallerProcess();
    const Reply reply = Dispatch(
        CheckConsistencyCall{{wszWriterMetadata, wszComponentName, wszComponentLogicalPath},
                             cVolumes,
                             rgwszSourceVolumePath,
                             rgwszSnapshotVolumePath},
        kIidApplicationBackupSupport);
    if (FAILED(reply.hresult) || !reply.operation) {
        return reply.hresult;
    }
    *ppAsync = new AsyncOperation{reply.operation, m_sink, *std::move(use), std::move(client)};
    return reply.hresult;
} catch (...) {
    return win::CaughtHresult();
}

}  // namespace wsb::com
