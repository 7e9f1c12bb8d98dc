# Copies every log of a trial into one folder. Reports and skips missing logs, because it also runs
# after failures.
param(
    [Parameter(Mandatory)] [string] $WorkFolder,
    [Parameter(Mandatory)] [string] $Destination
)
. (Join-Path $PSScriptRoot 'trial.ps1')

function Save-Part {
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [scriptblock] $Save
    )
    try {
        & $Save
    } catch {
        Write-Warning "No ${Name}: $($_.Exception.Message)"
    }
}

function Save-Output {
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [scriptblock] $Command
    )
    Save-Part $Name { & $Command | Out-File -FilePath (Join-Path $Destination $Name) -Encoding utf8 }
}

$support = 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\WindowsServerBackup'

New-Item -ItemType Directory -Force -Path $Destination | Out-Null
Save-Part 'events of the add-in' { Copy-Item (Join-Path (Get-AddinLogFolder) '*') $Destination }
foreach ($file in @('steps.jsonl')) {
    Save-Part $file { Copy-Item (Join-Path $WorkFolder $file) $Destination }
}
Save-Part 'logs of Windows Server Backup' {
    # A file that is in use must not prevent copying the others.
    Copy-Item -Recurse -ErrorAction Continue "$env:SystemRoot\Logs\WindowsServerBackup" $Destination
}
# Includes event 565: a component that cannot be recovered because its check failed.
Save-Output 'events-backup.txt' {
    Get-WinEvent -LogName 'Microsoft-Windows-Backup' -Oldest | Format-List TimeCreated, Id, Message
}
Save-Output 'events-application.txt' {
    Get-WinEvent -LogName 'Application' -MaxEvents 200 | Format-List TimeCreated, ProviderName, Id, Message
}
Save-Output 'writers.txt' { Invoke-Program vssadmin.exe list, writers }
Save-Output 'versions.txt' { Invoke-Program wbadmin.exe get, versions }
Save-Output 'registration.txt' { Invoke-Program reg.exe query, $support, '/s' }
exit 0
