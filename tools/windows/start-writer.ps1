# Makes the application's data and starts the VSS Test Writer of the Windows SDK for it. Outputs the
# writer's class id.
#
# The writer's configuration uses only what its reference describes:
# https://learn.microsoft.com/windows/win32/vss/vss-test-writer-tool
param(
    [Parameter(Mandatory)] [string] $DataFolder,
    [Parameter(Mandatory)] [string] $WorkFolder
)
. (Join-Path $PSScriptRoot 'trial.ps1')

$TaskName = 'wsb-addin trial writer'

function Find-TestWriter {
    $kits = Join-Path ${env:ProgramFiles(x86)} 'Windows Kits\10\bin'
    $found = Get-ChildItem -Path (Join-Path $kits '*\x64\vswriter.exe') -ErrorAction SilentlyContinue |
        Sort-Object FullName |
        Select-Object -Last 1
    if ($null -eq $found) {
        throw "Cannot find vswriter.exe below $kits. Install the Windows SDK with its desktop tools."
    }
    $found.FullName
}

function Get-VssWriter {
    $text = (Invoke-Program vssadmin.exe list, writers) -join "`n"
    $pattern = "Writer name: '(?<name>[^\r\n]*)'\s+Writer Id: (?<id>\{[0-9A-Fa-f-]{36}\})"
    foreach ($match in [regex]::Matches($text, $pattern)) {
        [pscustomobject]@{
            Name = $match.Groups['name'].Value
            Id   = $match.Groups['id'].Value.ToUpperInvariant()
        }
    }
}

function New-Data {
    foreach ($component in $Trial.Components) {
        $folder = Join-Path $DataFolder $component
        New-Item -ItemType Directory -Force -Path $folder | Out-Null
        Set-Content -LiteralPath (Join-Path $folder 'ledger.db') -Value "original $component" -Encoding Ascii
    }
}

function Write-Configuration {
    param([Parameter(Mandatory)] [string] $Path)
    $components = foreach ($component in $Trial.Components) {
        $folder = [Security.SecurityElement]::Escape((Join-Path $DataFolder $component))
        "    <Component componentType=`"filegroup`" componentName=`"$component`" selectable=`"yes`">"
        "        <ComponentFile path=`"$folder`" filespec=`"*`" recursive=`"no`" />"
        '    </Component>'
    }
    $document = @(
        '<TestWriter usage="USER_DATA" deleteFiles="no">'
        '    <RestoreMethod method="RESTORE_IF_CAN_BE_REPLACED" writerRestore="always" rebootRequired="no" />'
        $components
        '</TestWriter>'
    )
    Set-Content -LiteralPath $Path -Value $document -Encoding Ascii
}

# Runs as a task of SYSTEM, which VSS accepts as a writer and which continues after this step.
function Start-TestWriter {
    param(
        [Parameter(Mandatory)] [string] $Program,
        [Parameter(Mandatory)] [string] $Configuration
    )
    $log = Join-Path $WorkFolder 'writer.log'
    $command = "/d /s /c `"`"$Program`" `"$Configuration`" > `"$log`" 2>&1`""
    $action = New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\cmd.exe" -Argument $command
    $principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -LogonType ServiceAccount
    Register-ScheduledTask -TaskName $TaskName -Action $action -Principal $principal -Force | Out-Null
    Start-ScheduledTask -TaskName $TaskName
}

# The writer's id is not documented, so the script searches for a new writer. Other writers appear
# and disappear with their services, so it prefers a writer named test, or else the only new one.
function Wait-NewWriter {
    param([Parameter(Mandatory)] [AllowEmptyCollection()] [string[]] $Before)
    $deadline = [DateTime]::UtcNow.AddSeconds(90)
    do {
        Start-Sleep -Seconds 3
        $new = @(Get-VssWriter | Where-Object { $Before -notcontains $_.Id })
        $tests = @($new | Where-Object { $_.Name -match 'test' })
        if ($tests.Count -eq 1) {
            return $tests[0]
        }
    } while ([DateTime]::UtcNow -lt $deadline)
    if ($new.Count -eq 1) {
        return $new[0]
    }
    $names = @($new | ForEach-Object { $_.Name }) -join ', '
    throw "The Test Writer did not appear; new writers: '$names'. See writer.log."
}

$program = Find-TestWriter
$configuration = Join-Path $WorkFolder 'writer.xml'
New-Data
Write-Configuration -Path $configuration
$before = @(Get-VssWriter | ForEach-Object { $_.Id })
Start-TestWriter -Program $program -Configuration $configuration
$writer = Wait-NewWriter -Before $before
Write-Host "$program is writer '$($writer.Name)' with id $($writer.Id)."
$writer.Id
