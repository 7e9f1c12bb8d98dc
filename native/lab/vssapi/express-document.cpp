#include "express-document.hpp"

#include <objbase.h>
#include <shlwapi.h>
#include <wrl/client.h>
#include <xmllite.h>

#include <algorithm>
#include <array>
#include <cwctype>

#include "win/unique-any.hpp"

namespace wsb::lab {
namespace {

using Microsoft::WRL::ComPtr;

std::wstring Escaped(const std::wstring& text) {
    std::wstring escaped;
    for (const wchar_t unit : text) {
        switch (unit) {
            case L'&':
                escaped += L"&amp;";
                break;
            case L'<':
                escaped += L"&lt;";
                break;
            case L'>':
                escaped += L"&gt;";
                break;
            case L'"':
                escaped += L"&quot;";
                break;
            default:
                escaped += unit;
        }
    }
    return escaped;
}

class Element {
  public:
    explicit Element(const wchar_t* name) : m_name(name) {}

    Element& Set(const wchar_t* name, const std::wstring& value) {
        m_attributes.append(L" ").append(name).append(L"=\"").append(Escaped(value)).append(L"\"");
        return *this;
    }
    Element& SetIf(const wchar_t* name, const std::optional<std::wstring>& value) {
        return value ? Set(name, *value) : *this;
    }
    Element& SetFlag(const wchar_t* name, bool value) { return Set(name, value ? L"yes" : L"no"); }
    Element& Add(const std::wstring& child) {
        m_children += child;
        return *this;
    }
    [[nodiscard]] std::wstring Text() const {
        const std::wstring start = L"<" + m_name + m_attributes;
        return m_children.empty() ? start + L"/>"
                                  : start + L">" + m_children + L"</" + m_name + L">";
    }

  private:
    std::wstring m_name;
    std::wstring m_attributes;
    std::wstring m_children;
};

std::wstring FilesElement(const wchar_t* name, const ExpressFiles& files) {
    Element element{name};
    element.Set(L"path", files.path).Set(L"filespec", files.filespec);
    if (files.recursive) {
        element.SetFlag(L"recursive", true);
    }
    element.SetIf(L"alternatePath", files.alternatePath);
    return element.Set(L"filespecBackupType", std::to_wstring(files.backupTypeMask)).Text();
}

std::wstring DependencyElement(const ExpressDependency& dependency) {
    return Element{L"DEPENDENCY"}
        .Set(L"writerId", PlainGuid(dependency.writerId))
        .SetIf(L"logicalPath", dependency.logicalPath)
        .Set(L"componentName", dependency.componentName)
        .Text();
}

std::wstring ComponentElement(const ExpressComponent& component) {
    Element element{component.isDatabase ? L"DATABASE" : L"FILE_GROUP"};
    element.SetIf(L"logicalPath", component.logicalPath)
        .Set(L"componentName", component.name)
        .SetIf(L"caption", component.caption)
        .SetFlag(L"restoreMetadata", false)
        .SetFlag(L"notifyOnBackupComplete", false)
        .SetFlag(L"selectable", component.selectable)
        .SetFlag(L"selectableForRestore", component.selectableForRestore)
        .Set(L"componentFlags", std::to_wstring(component.flags));
    for (const ExpressFiles& files : component.files) {
        element.Add(FilesElement(component.isDatabase ? L"DATABASE_FILES" : L"FILE_LIST", files));
    }
    for (const ExpressFiles& files : component.logFiles) {
        element.Add(FilesElement(L"DATABASE_LOGFILES", files));
    }
    for (const ExpressDependency& dependency : component.dependencies) {
        element.Add(DependencyElement(dependency));
    }
    return element.Text();
}

std::wstring LocationsElement(const ExpressDocument& document) {
    Element element{L"BACKUP_LOCATIONS"};
    for (const ExpressComponent& component : document.components) {
        element.Add(ComponentElement(component));
    }
    for (const ExpressFiles& files : document.excluded) {
        element.Add(Element{L"EXCLUDE_FILES"}
                        .Set(L"path", files.path)
                        .Set(L"filespec", files.filespec)
                        .SetFlag(L"recursive", files.recursive)
                        .Text());
    }
    return element.Text();
}

std::wstring MethodElement(const ExpressRestoreMethod& method) {
    return Element{L"RESTORE_METHOD"}
        .Set(L"method", method.name)
        .SetIf(L"service", method.service)
        .Set(L"writerRestore", L"never")
        .SetFlag(L"rebootRequired", method.rebootRequired)
        .Text();
}

std::optional<std::wstring> Attribute(IXmlReader& reader, const wchar_t* name) {
    const wchar_t* value = nullptr;
    if (reader.MoveToAttributeByName(name, nullptr) != S_OK ||
        FAILED(reader.GetValue(&value, nullptr))) {
        return std::nullopt;
    }
    return value;
}

std::optional<GUID> ToGuid(const std::wstring& text) {
    const std::wstring braced = text.starts_with(L"{") ? text : L"{" + text + L"}";
    GUID guid{};
    return SUCCEEDED(::IIDFromString(braced.c_str(), &guid)) ? std::optional{guid} : std::nullopt;
}

ComPtr<IXmlReader> CreateReader() {
    using Create = HRESULT(WINAPI*)(REFIID, void**, IMalloc*);
    ComPtr<IXmlReader> reader;
    // mingw-w64 has no import library for it.
    win::UniqueAny<HMODULE, ::FreeLibrary> library{
        ::LoadLibraryExW(L"xmllite.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32)};
    const auto create = library ? reinterpret_cast<Create>(reinterpret_cast<void*>(
                                      ::GetProcAddress(library.get(), "CreateXmlReader")))
                                : nullptr;
    if (create == nullptr ||
        FAILED(create(__uuidof(IXmlReader), reinterpret_cast<void**>(reader.GetAddressOf()),
                      nullptr))) {
        return nullptr;
    }
    // The DLL stays loaded, because its reader needs it.
    static_cast<void>(library.release());
    return reader;
}

ComPtr<IXmlReader> OpenReader(const std::wstring& xml) {
    const std::wstring marked = L"\uFEFF" + xml;
    ComPtr<IStream> stream;
    *stream.GetAddressOf() =
        ::SHCreateMemStream(reinterpret_cast<const BYTE*>(marked.data()),
                            static_cast<UINT>(marked.size() * sizeof(wchar_t)));
    ComPtr<IXmlReader> reader = CreateReader();
    if (stream == nullptr || reader == nullptr || FAILED(reader->SetInput(stream.Get()))) {
        return nullptr;
    }
    return reader;
}

}  // namespace

std::wstring PlainGuid(const GUID& guid) {
    std::array<wchar_t, 39> text{};
    ::StringFromGUID2(guid, text.data(), static_cast<int>(text.size()));
    std::wstring plain{text.data() + 1, text.size() - 3};
    std::ranges::transform(plain, plain.begin(),
                           [](wchar_t unit) { return static_cast<wchar_t>(std::towlower(unit)); });
    return plain;
}

std::wstring ToXml(const ExpressDocument& document) {
    Element root{L"WRITER_METADATA"};
    root.Set(L"xmlns", L"x-schema:#VssWriterMetadataInfo").Set(L"version", L"1.2");
    if (document.schema != 0) {
        root.Set(L"backupSchema", std::to_wstring(document.schema));
    }
    root.Add(Element{L"IDENTIFICATION"}
                 .Set(L"writerId", PlainGuid(document.writerId))
                 .Set(L"friendlyName", document.name)
                 .Set(L"usage", document.usage)
                 .Set(L"dataSource", document.dataSource)
                 .Set(L"majorVersion", std::to_wstring(document.versionMajor))
                 .Set(L"minorVersion", std::to_wstring(document.versionMinor))
                 .Text());
    if (document.restoreMethod) {
        root.Add(MethodElement(*document.restoreMethod));
    }
    return root.Add(LocationsElement(document)).Text();
}

std::optional<GUID> WriterIdOf(const std::wstring& xml) {
    const ComPtr<IXmlReader> reader = OpenReader(xml);
    if (reader == nullptr) {
        return std::nullopt;
    }
    std::optional<GUID> id;
    bool isFirst = true;
    XmlNodeType type = XmlNodeType_None;
    HRESULT result = S_OK;
    while ((result = reader->Read(&type)) == S_OK) {
        const wchar_t* name = nullptr;
        if (type != XmlNodeType_Element || FAILED(reader->GetLocalName(&name, nullptr))) {
            continue;
        }
        if (isFirst && name != std::wstring{L"WRITER_METADATA"}) {
            return std::nullopt;
        }
        isFirst = false;
        if (name == std::wstring{L"IDENTIFICATION"}) {
            const auto text = Attribute(*reader.Get(), L"writerId");
            id = text ? ToGuid(*text) : std::nullopt;
        }
    }
    // S_FALSE: the document ended as it should.
    return result == S_FALSE ? id : std::nullopt;
}

}  // namespace wsb::lab
