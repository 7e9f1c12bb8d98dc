#include "error-info.hpp"

#include <oleauto.h>
#include <wrl/client.h>

#include "../win/unique-any.hpp"

namespace wsb::com {

using Microsoft::WRL::ComPtr;

void SetErrorText(const IID& interfaceId, const std::wstring& text) noexcept {
    if (text.empty()) {
        ::SetErrorInfo(0, nullptr);
        return;
    }
    ComPtr<ICreateErrorInfo> create;
    ComPtr<IErrorInfo> info;
    if (FAILED(::CreateErrorInfo(create.GetAddressOf())) || FAILED(create->SetGUID(interfaceId)) ||
        // The API takes a non-const string and copies it.
        FAILED(create->SetDescription(const_cast<wchar_t*>(text.c_str()))) ||
        FAILED(create->QueryInterface(IID_IErrorInfo,
                                      reinterpret_cast<void**>(info.GetAddressOf())))) {
        return;
    }
    ::SetErrorInfo(0, info.Get());
}

std::optional<std::wstring> TakeErrorText() {
    ComPtr<IErrorInfo> info;
    if (::GetErrorInfo(0, info.GetAddressOf()) != S_OK || info == nullptr) {
        return std::nullopt;
    }
    win::UniqueAny<BSTR, ::SysFreeString> description;
    if (FAILED(info->GetDescription(description.put())) || !description) {
        return std::nullopt;
    }
    return std::wstring{description.get(), ::SysStringLen(description.get())};
}

}  // namespace wsb::com
