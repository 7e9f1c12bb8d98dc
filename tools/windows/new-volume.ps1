# Makes a virtual disk with one NTFS volume. diskpart does it without the Hyper-V module.
param(
    [Parameter(Mandatory)] [string] $File,
    [Parameter(Mandatory)] [int] $SizeMB,
    [Parameter(Mandatory)] [ValidatePattern('^[D-Z]$')] [string] $Letter,
    [Parameter(Mandatory)] [string] $Label
)
. (Join-Path $PSScriptRoot 'trial.ps1')

if (Test-Path -LiteralPath "${Letter}:\") {
    throw "The volume ${Letter}: already exists."
}
# diskpart does not accept relative paths.
$path = [IO.Path]::GetFullPath($File)
$commands = @(
    "create vdisk file=`"$path`" maximum=$SizeMB type=expandable"
    'attach vdisk'
    'create partition primary'
    "format fs=ntfs quick label=$Label"
    "assign letter=$Letter"
)
$script = [IO.Path]::GetTempFileName()
try {
    Set-Content -LiteralPath $script -Value $commands -Encoding Ascii
    Invoke-Program diskpart.exe '/s', $script | Out-Host
} finally {
    Remove-Item -LiteralPath $script
}
